"""Logos: what is taken is drawn anew; what only pretends to be a picture is told what it is."""

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.customers.branding import logos
from core.kernel.errors import Invalid


def picture(kind="PNG", size=(120, 60), color="#0f6b80", **options) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, color).save(written, kind, **options)
    return written.getvalue()


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_picture_is_taken_with_its_measures(kind, media_type):
    logo = logos.read(picture(kind))
    assert (logo.media_type, logo.width, logo.height) == (media_type, 120, 60)
    with Image.open(io.BytesIO(logo.content)) as again:
        assert (again.format, again.size) == (kind, (120, 60))
        assert max(abs(a - b) for a, b in zip(again.convert("RGB").getpixel((5, 5)), (15, 107, 128), strict=True)) < 6


def test_nothing_but_the_pixels_is_kept():
    notes = PngInfo()
    notes.add_text("Comment", "made by Zoe in Porto")
    photo = Image.Exif()
    photo[0x010F], photo[0x0112] = "SpyCam", 6  # made by; turned by a quarter
    for content in (picture(pnginfo=notes), picture("JPEG", exif=photo), picture() + b"<script>alert(1)</script>"):
        kept = logos.read(content).content
        assert not any(word in kept for word in (b"Porto", b"SpyCam", b"script"))
    assert logos.read(picture("JPEG", exif=photo)).height == 120  # the turn itself is kept


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"<!doctype html><script>alert(1)</script>", "web page"),
        (b'\xef\xbb\xbf <?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG"),
        (b"GIF89a" + bytes(50), "a GIF"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\x03\x04" + bytes(40), "a ZIP"),
        (b"\x89PNG\r\n\x1a\n<html>", "damaged|not a picture"),
        (picture()[:-30], "damaged"),
        (picture("GIF"), "a GIF"),
        (picture("WEBP"), "a WebP"),
        (picture(size=(8, 8)), "8 × 8 pixels"),
        (picture(size=(4000, 100)), "4,000 × 100"),
        (picture(size=(1900, 40)), "slender"),
        (bytes(10 * 1024 * 1024), r"10\.0 MiB"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_logo_is_told_what_it_is(content, told):
    with pytest.raises(Invalid, match=told) as caught:
        logos.read(content)
    assert set(caught.value.fields) == {"logo"}


def test_a_bomb_is_refused_by_its_header():
    """60,000 by 60,000 pixels in a few bytes: decoded it would take 10 GB."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    header = (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(9_000)))
        + chunk(b"IEND", b"")
    )
    with pytest.raises(Invalid, match="far too many pixels"):
        logos.read(bomb)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8), st.sampled_from(["PNG", "JPEG"]))
def test_a_damaged_picture_is_a_logo_or_a_sentence(at, bytes_, kind):
    whole = picture(kind)
    place = at % len(whole)
    try:
        logo = logos.read(whole[:place] + bytes_ + whole[place + len(bytes_) :])
    except Invalid as error:
        assert str(error)
    else:
        assert logo.media_type in logos.MEDIA_TYPES.values()

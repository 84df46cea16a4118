"""What a logo may be: its content decides, and what is kept is drawn anew. Pure.

A picture that is decoded and written again carries nothing but its pixels: no camera data, no text, nothing behind its end, so
that a file that is a picture and a web page at once is only the picture afterwards. SVG is refused and not sanitised: it is a
document with scripts, links and fonts, and a list of what is harmless in it would never be complete.
"""

import hashlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

from core.kernel.errors import Invalid

MAX_BYTES = 512 * 1024
LEAST_SIDE, MOST_SIDE = 32, 2_000
MOST_SLENDER = 12
MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg"}
_SAVED: dict[str, dict[str, Any]] = {"PNG": {"optimize": True}, "JPEG": {"quality": 92, "optimize": True}}
# What a decoder raises on a damaged or hostile file.
_DAMAGED = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error,
            zlib.error)  # fmt: skip
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# How files begin that people take for pictures; what they are told.
_OTHERS = (
    (b"GIF8", "a GIF"), (b"RIFF", "a WebP or another RIFF file"), (b"%PDF", "a PDF"), (b"PK\x03\x04", "a ZIP archive"),
    (b"BM", "a BMP"), (b"\x00\x00\x01\x00", "an icon file"), (b"II*\x00", "a TIFF"), (b"MM\x00*", "a TIFF"), (b"MZ", "a program"),
    (b"\x7fELF", "a program"), (b"#!", "a script"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as it is served; sides in pixels, `digest` is SHA-256 in hexadecimal."""

    content: bytes = field(repr=False)
    media_type: str
    width: int
    height: int
    digest: str

    @property
    def size_bytes(self) -> int:
        return len(self.content)


def read(content: bytes) -> Logo:
    """The logo in these bytes, drawn anew. Raises Invalid saying what is wrong with the file."""
    if not content:
        raise _bad("The file is empty. Choose a PNG or JPEG.")
    if len(content) > MAX_BYTES:
        raise _bad(f"The file has {_size(len(content))}; a logo has at most {_size(MAX_BYTES)}. Make it smaller.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redrawn(content)
    except UnidentifiedImageError as error:
        raise _bad(
            f"{_what(content)} Only PNG and JPEG are taken; what counts is the content, not the name."
        ) from error
    except _BOMBS as error:
        raise _bad(
            f"The picture has far too many pixels; each side must have {LEAST_SIDE} to {MOST_SIDE:,}."
        ) from error
    except _DAMAGED as error:
        raise _bad("The picture is damaged: it cannot be decoded to its end. Save it again and upload that.") from error


def _redrawn(content: bytes) -> Logo:
    with Image.open(io.BytesIO(content), formats=tuple(MEDIA_TYPES)) as opened:
        kind = str(opened.format)
        _require_measures(*opened.size)
        opened.load()
        picture = ImageOps.exif_transpose(opened)
    written = io.BytesIO()
    _plain(picture, kind).save(written, kind, **_SAVED[kind])
    drawn = written.getvalue()
    if len(drawn) > 2 * MAX_BYTES:
        raise _bad("The picture is too rich for a logo: without compression tricks it is too large. Make it smaller.")
    return Logo(drawn, MEDIA_TYPES[kind], picture.width, picture.height, hashlib.sha256(drawn).hexdigest())


def _plain(picture: Image.Image, kind: str) -> Image.Image:
    """The pixels alone, in a form that every browser and mail program shows."""
    plain = picture.convert("RGB" if kind == "JPEG" else "RGBA")
    plain.info.clear()
    return plain


def _require_measures(width: int, height: int) -> None:
    if not (LEAST_SIDE <= width <= MOST_SIDE and LEAST_SIDE <= height <= MOST_SIDE):
        raise _bad(f"The picture has {width:,} × {height:,} pixels; each side must have {LEAST_SIDE} to {MOST_SIDE:,}.")
    if max(width, height) > MOST_SLENDER * min(width, height):
        raise _bad(f"The picture is too slender: one side is more than {MOST_SLENDER} times the other. Crop it.")


def _what(content: bytes) -> str:
    head = content[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head:
        return "This is an SVG, which can carry scripts. Export it as PNG in twice the size it is shown in."
    if head.startswith(b"<"):
        return "This is a web page or XML and not a picture."
    told = next((name for begin, name in _OTHERS if content.startswith(begin)), None)
    return f"This is {told} and not a PNG or JPEG." if told else "This is not a picture that the portal knows."


def _size(count: int) -> str:
    return f"{count / 1024:,.0f} KiB" if count < 1024 * 1024 else f"{count / 1024 / 1024:,.1f} MiB"


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, {"logo": sentence})

"""What a file may be: its content decides, and its name must not say otherwise. Pure.

How files begin: the registries of their formats; what a browser takes for a web page: WHATWG MIME Sniffing, section 7.1.
Whatever a file is, it is handed out as a download and never shown.
"""

import re
import unicodedata
from typing import NamedTuple

from core.kernel.errors import Invalid

MAX_BYTES = 25 * 1024 * 1024
MAX_NAME = 150
UNKNOWN_TYPE = "application/octet-stream"

_PROGRAMS = (
    (b"MZ", "a Windows program"), (b"\x7fELF", "a program"), (b"#!", "a script"), (b"\xca\xfe\xba\xbe", "a program"),
    (b"\xfe\xed\xfa\xce", "a program"), (b"\xfe\xed\xfa\xcf", "a program"), (b"\xce\xfa\xed\xfe", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"), (b"L\x00\x00\x00\x01\x14\x02\x00", "a Windows shortcut"), (b"\x00asm", "a program"),
)  # fmt: skip
_KNOWN = (
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"), (b"PK\x03\x04", "application/zip"), (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"), (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"), (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"), (b"MM\x00*", "image/tiff"), (b"ID3", "audio/mpeg"), (b"OggS", "application/ogg"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)  # fmt: skip
# What these endings claim; others claim nothing that matters.
_CLAIMS = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff", "pdf": "application/pdf", "zip": "application/zip",
    "docx": "application/zip", "xlsx": "application/zip", "pptx": "application/zip", "gz": "application/gzip",
    "doc": "application/x-ole-storage", "xls": "application/x-ole-storage", "ppt": "application/x-ole-storage",
    "mp4": "video/mp4", "txt": "text/plain", "log": "text/plain", "csv": "text/plain",
}  # fmt: skip
_RUNNABLE = frozenset((
    "exe", "com", "scr", "pif", "msi", "msp", "dll", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "wsh", "hta", "jar",
    "lnk", "reg", "cpl", "app", "sh", "apk", "iso", "vhd", "scf", "url", "chm",
))  # fmt: skip
_PAGE = re.compile(
    rb"<(!doctype\s+html|html|head|body|script|iframe|svg|h1|div|font|table|a|style|title|b|br|p|img|object|embed|form|\?xml)[\s>/]",
    re.IGNORECASE,
)
_SNIFFED = 1_445  # bytes that a browser looks at


class Checked(NamedTuple):
    """A file that is taken: the name without anything but a name, and the type of its content."""

    name: str
    media_type: str


def check(name: str, content: bytes) -> Checked:
    """Raises Invalid, saying what is wrong with the file."""
    cleaned = clean_name(name)
    if not content:
        raise _bad(f"“{cleaned}” is empty. Choose the file again.")
    if len(content) > MAX_BYTES:
        size = len(content) / 1024 / 1024
        raise _bad(f"“{cleaned}” has {size:,.1f} MB; a file has at most 25 MB. Pack it, or share it by a link.")
    ending = cleaned.rpartition(".")[2].lower() if "." in cleaned else ""
    program = next((what for start, what in _PROGRAMS if content.startswith(start)), None)
    if program or ending in _RUNNABLE:
        raise _bad(
            f"“{cleaned}” is {program or 'a program'}, and programs are not taken. Send it packed, or by another way."
        )
    media_type = sniffed(content)
    _require_honest(cleaned, ending, media_type, content)
    return Checked(cleaned, media_type)


def _require_honest(name: str, ending: str, media_type: str, content: bytes) -> None:
    claimed = _CLAIMS.get(ending)
    is_text_at_most = claimed == "text/plain" and not _PAGE.search(content[:_SNIFFED]) and media_type == UNKNOWN_TYPE
    if claimed in (None, media_type) or is_text_at_most:
        return
    raise _bad(
        f"“{name}” is not what its name says: the content is {_told(media_type, content)}. Look at the file again."
    )


def _told(media_type: str, content: bytes) -> str:
    if _PAGE.search(content[:_SNIFFED]):
        return "a web page or drawing"
    return "of an unknown kind" if media_type == UNKNOWN_TYPE else media_type


def sniffed(content: bytes) -> str:
    """The type of the content; that of a page, a drawing or anything unknown is nothing a browser would show."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return "video/mp4"
    known = next((kind for start, kind in _KNOWN if content.startswith(start)), None)
    return known or ("text/plain" if _is_plain(content) else UNKNOWN_TYPE)


def _is_plain(content: bytes) -> bool:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return False
    return "\x00" not in text and not _PAGE.search(content[:_SNIFFED])


def clean_name(name: str) -> str:
    """The last part of a path, without signs that are not seen or that turn the writing round; `file` for none."""
    last = re.split(r"[/\\]", str(name))[-1]
    seen = "".join(one for one in last if unicodedata.category(one)[0] not in "CZ" or one == " ")
    plain = re.sub(r'[<>:"|?*]', "_", " ".join(seen.split())).strip(". ")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > MAX_NAME:
        plain = f"{stem[: MAX_NAME - 20]}{dot}{ending[:19]}" if dot else plain[:MAX_NAME]
    return plain or "file"


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, {"file": sentence})

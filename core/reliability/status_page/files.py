"""The files of the page as servers and buckets hand them out: content type and how long a copy is good. Pure."""

from dataclasses import dataclass
from pathlib import PurePosixPath

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".json": "application/json",
}
# Half a minute, as the page changes each minute; a day longer than nothing while its server is away (RFC 5861).
CACHE = "public, max-age=30, stale-while-revalidate=60, stale-if-error=86400"
SECURITY = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
    "Access-Control-Allow-Origin": "*",
}  # fmt: skip
OWN_FOLDER = "incidents/"  # where files may vanish: what is in here and not rendered any more is removed
INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class File:
    """`path` is relative, with slashes."""

    path: str
    body: bytes
    content_type: str


def of(path: str, body: bytes) -> File:
    return File(path, body, content_type(path))


def content_type(path: str) -> str:
    """Raises KeyError for a kind that the page does not have."""
    return TYPES[PurePosixPath(path).suffix]

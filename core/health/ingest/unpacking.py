"""Bodies as they were before they were packed for the way, never larger than they may be."""

import zlib

from core.kernel.errors import ExpectedError, Invalid

_GZIP, _ZLIB = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS


class TooLarge(ExpectedError):
    code, status = "too_large", 413


class UnknownEncoding(ExpectedError):
    code, status = "unsupported_media_type", 415


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """The body of a Content-Encoding: gzip, deflate, or none.

    Stops at `limit` bytes, however little came in. Raises TooLarge, UnknownEncoding, Invalid for what is damaged.
    """
    named = encoding.strip().lower()
    if named in ("", "identity"):
        return _within(body, limit)
    if named not in ("gzip", "x-gzip", "deflate"):
        raise UnknownEncoding("Send the body as it is, or with Content-Encoding: gzip.")
    return _inflate(body, _ZLIB if named == "deflate" else _GZIP, limit)


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit // 1024**2} MiB when unpacked. Send less at once.")
    return body


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit + 1
    try:
        while body and left > 0:
            member = zlib.decompressobj(window)
            parts.append(member.decompress(body, left))
            left -= len(parts[-1])
            if left > 0 and not member.eof:
                raise Invalid("The compressed body ends too early. Send it again.")
            body = member.unused_data
    except zlib.error as error:
        raise Invalid("The body is not what its Content-Encoding says. Compress it again.") from error
    return _within(b"".join(parts), limit)

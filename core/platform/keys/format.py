"""What an API key looks like: `iris_live_`, 256 random bits and a checksum, so that a scanner knows a leaked one.

docs/api-keys.md describes the form for those who scan for it, with test vectors.
"""

import re
import secrets
import string
import zlib

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_BYTES = 32
# 62 ** 43 is just above 2 ** 256, and 62 ** 6 above 2 ** 32.
SECRET_LENGTH, CHECKSUM_LENGTH, HINT_LENGTH = 43, 6, 4
MODES = ("live", "test")
_FORM = re.compile(r"([a-z][a-z0-9]{1,15}_(?:live|test)_[0-9A-Za-z]{43})([0-9A-Za-z]{6})")


def base62(number: int, length: int) -> str:
    """The number in base 62, most significant digit first, filled up with zeros."""
    digits = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        digits.append(ALPHABET[rest])
    return "".join(reversed(digits))


def checksum(body: str) -> str:
    """CRC-32 (as in gzip, ISO 3309) of everything before it, in base 62."""
    return base62(zlib.crc32(body.encode()), CHECKSUM_LENGTH)


def assemble(prefix: str, mode: str, secret: bytes) -> str:
    """The key of these 32 bytes."""
    body = f"{prefix}_{mode}_{base62(int.from_bytes(secret, 'big'), SECRET_LENGTH)}"
    return body + checksum(body)


def new_key(prefix: str, mode: str) -> str:
    """A key that nobody has had before."""
    return assemble(prefix, mode, secrets.token_bytes(SECRET_BYTES))


def is_key(text: str) -> bool:
    """Whether the text is a key that was not mistyped; nothing is asked of the database."""
    found = _FORM.fullmatch(text)
    return found is not None and checksum(found[1]) == found[2]


def shown(prefix: str, mode: str, hint: str) -> str:
    """How a list names a key that nobody can read any more."""
    return f"{prefix}_{mode}_…{hint}"


def hint_of(key: str) -> str:
    """The end of the key, by which people tell keys apart."""
    return key[-HINT_LENGTH:]

"""Secrets at rest: AES-256-GCM with key ids, so that keys can be rotated; digests for tokens."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from core.kernel.errors import KeyProblem
from core.kernel.settings import settings

KEY_BYTES = 32
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys by id. The first one encrypts; all of them decrypt."""

    active: str
    by_id: Mapping[str, bytes]


def parse_keys(text: str) -> Keys:
    """Reads `id:base64` pairs separated by commas or new lines; the first is the active one. Raises KeyProblem."""
    pairs = [pair.strip() for pair in text.replace("\n", ",").split(",") if pair.strip()]
    by_id: dict[str, bytes] = {}
    for pair in pairs:
        name, _, encoded = pair.partition(":")
        try:
            by_id[name] = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise KeyProblem(
                f"The encryption key {name!r} is not base64. Write ENCRYPTION_KEYS as id:base64."
            ) from error
        if len(by_id[name]) != KEY_BYTES or len(name.encode()) > 255:
            raise KeyProblem(f"The encryption key {name!r} must have an id and {KEY_BYTES} bytes of key.")
    if not by_id:
        raise KeyProblem("No encryption key is set. Set ENCRYPTION_KEYS, or remove the empty key file.")
    return Keys(next(iter(by_id)), by_id)


def key_file() -> Path:
    return settings().data_folder / "encryption.keys"


def new_key() -> str:
    """A fresh key as `id:base64`."""
    return f"k{secrets.token_hex(3)}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}"


def make_key_file(path: Path) -> None:
    """Writes a fresh key that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(new_key() + "\n")


@cache
def keys() -> Keys:
    """The keys of this process, from ENCRYPTION_KEYS or the key file. Raises KeyProblem when there is neither."""
    configured = settings().encryption_keys
    if configured is not None:
        return parse_keys(configured.get_secret_value())
    path = key_file()
    if not path.exists():
        raise KeyProblem(f"The encryption key is missing: set ENCRYPTION_KEYS or restore {path}. No new key is made.")
    if path.stat().st_mode & 0o077:
        raise KeyProblem(f"The key file {path} can be read by others. Run: chmod 600 {path}")
    return parse_keys(path.read_text())


def encrypt(text: str, *, purpose: str) -> bytes:
    """Length of key id, key id, nonce, ciphertext with tag. `purpose` binds it to its place: elsewhere it is refused."""
    name = keys().active
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(keys().by_id[name]).encrypt(nonce, text.encode(), purpose.encode())
    return bytes([len(name.encode())]) + name.encode() + nonce + sealed


def key_id_of(blob: bytes) -> str:
    """The id of the key that `blob` was encrypted with."""
    return blob[1 : 1 + blob[0]].decode()


def decrypt(blob: bytes, *, purpose: str) -> str:
    """The text. Raises KeyProblem when the key is absent or wrong, or the bytes were changed or moved."""
    name = key_id_of(blob)
    if name not in keys().by_id:
        raise KeyProblem(
            f"The data were encrypted with key {name!r}, which is not configured. Add it to ENCRYPTION_KEYS."
        )
    rest = blob[1 + blob[0] :]
    try:
        opened = AESGCM(keys().by_id[name]).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], purpose.encode())
    except InvalidTag as error:
        raise KeyProblem(
            f"The key {name!r} does not open the stored secrets. Restore the key they were written with."
        ) from error
    return opened.decode()


class EncryptedText(TypeDecorator[str]):
    """Text encrypted at rest. `purpose` is unique per column, such as `webhook.secret`."""

    impl = LargeBinary
    cache_ok = True
    is_secret = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else encrypt(value, purpose=self.purpose)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else decrypt(bytes(value), purpose=self.purpose)


def new_token() -> str:
    """256 random bits, safe in a URL and a cookie."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is stored of a token. Plain SHA-256 is enough for 256 random bits; passwords go through bcrypt."""
    return hashlib.sha256(token.encode()).digest()


def same(one: bytes, other: bytes) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one, other)

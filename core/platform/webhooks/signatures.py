"""Signatures of Standard Webhooks 1.0.0: v1 (HMAC-SHA256) and v1a (Ed25519), and why one does not fit.

Source: https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, "Signature scheme".
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.kernel.errors import Invalid

SECRET, PRIVATE_KEY, PUBLIC_KEY = "whsec_", "whsk_", "whpk_"
SHORTEST, LONGEST = 24, 64
ED25519_BYTES = 32


def new_secret(signing: str) -> str:
    """A fresh secret of the scheme: 256 bits for v1, an Ed25519 private key for v1a."""
    prefix = PRIVATE_KEY if signing == "v1a" else SECRET
    return prefix + base64.b64encode(os.urandom(ED25519_BYTES)).decode()


@lru_cache(1_024)
def key_bytes(secret: str) -> bytes:
    """The key in a secret of any of the three forms. Raises Invalid saying what is wrong with it."""
    text = secret.strip()
    prefix = next((one for one in (SECRET, PRIVATE_KEY, PUBLIC_KEY) if text.startswith(one)), None)
    if prefix is None:
        raise _bad("The secret must begin with whsec_ (v1) or whsk_ (v1a). Copy it whole, with its prefix.")
    try:
        key = base64.b64decode(text.removeprefix(prefix), validate=True)
    except binascii.Error:
        raise _bad(f"What follows {prefix} is not base64. Copy the secret whole, without spaces.") from None
    if prefix == SECRET and not SHORTEST <= len(key) <= LONGEST:
        raise _bad(f"The secret has {len(key)} bytes; it must have {SHORTEST} to {LONGEST}.")
    if prefix != SECRET and len(key) != ED25519_BYTES:
        raise _bad(f"An Ed25519 key has {ED25519_BYTES} bytes, and not {len(key)}.")
    return key


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, {"secret": sentence})


def check_secret(secret: str, signing: str) -> str:
    """The secret, fit for the scheme. Raises Invalid."""
    wanted = PRIVATE_KEY if signing == "v1a" else SECRET
    key_bytes(secret)
    if not secret.strip().startswith(wanted):
        raise _bad(f"A {signing} signature needs a secret that begins with {wanted}")
    return secret.strip()


def public_key(secret: str) -> str | None:
    """What a receiver of v1a verifies with (`whpk_...`); None for a v1 secret, which both sides share."""
    if not secret.startswith(PRIVATE_KEY):
        return None
    key = Ed25519PrivateKey.from_private_bytes(key_bytes(secret)).public_key()
    return PUBLIC_KEY + base64.b64encode(key.public_bytes_raw()).decode()


def _content(message_id: str, timestamp: int | str, body: bytes) -> bytes:
    return f"{message_id}.{timestamp}.".encode() + body


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One entry of webhook-signature: `v1,...` or `v1a,...` by the kind of secret."""
    content = _content(message_id, timestamp, body)
    if secret.startswith(PRIVATE_KEY):
        made = Ed25519PrivateKey.from_private_bytes(key_bytes(secret)).sign(content)
        return "v1a," + base64.b64encode(made).decode()
    keyed = _keyed(secret).copy()
    keyed.update(content)
    return "v1," + base64.b64encode(keyed.digest()).decode()


@lru_cache(1_024)
def _keyed(secret: str) -> hmac.HMAC:
    """The state after the key, which is the greater part of a short message's work."""
    return hmac.new(key_bytes(secret), digestmod=hashlib.sha256)


def iris_signature(secret: str, body: bytes) -> str:
    """X-Iris-Signature: HMAC-SHA256 of the body in hexadecimal, keyed with the secret's text. Source: iris section 12.1."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers_of(
    *, message_id: str, at: datetime, body: bytes, secrets: Iterable[str], event_type: str, with_iris: bool = False,
) -> dict[str, str]:  # fmt: skip
    """The headers of a message, signed with each of the secrets; the first is the present one."""
    timestamp, keys = int(at.timestamp()), list(secrets)
    headers = {
        "content-type": "application/json",
        "user-agent": "Quarterdeck-Webhooks/1.0",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(secret, message_id, timestamp, body) for secret in keys),
    }
    if with_iris:
        headers |= {"x-iris-signature": iris_signature(keys[0], body), "x-iris-event": event_type}
    return headers


def fits(secret: str, entry: str, message_id: str, timestamp: str, body: bytes) -> bool:
    """Whether one entry of webhook-signature was made with this secret (or, for v1a, with this key's private half)."""
    scheme, _, encoded = entry.partition(",")
    content = _content(message_id, timestamp, body)
    try:
        given = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return False
    if secret.startswith(SECRET):
        return scheme == "v1" and hmac.compare_digest(given, hmac.digest(key_bytes(secret), content, hashlib.sha256))
    return scheme == "v1a" and _ed25519_fits(secret, given, content)


def _ed25519_fits(secret: str, given: bytes, content: bytes) -> bool:
    raw = key_bytes(secret)
    is_public = secret.startswith(PUBLIC_KEY)
    key = (
        Ed25519PublicKey.from_public_bytes(raw) if is_public else Ed25519PrivateKey.from_private_bytes(raw).public_key()
    )
    try:
        key.verify(given, content)
    except InvalidSignature:
        return False
    return True

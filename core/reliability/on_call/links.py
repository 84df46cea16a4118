"""Links that are opened without signing in: to a schedule's calendar feed, and to acknowledge a page.

The token of a page's link follows from its delivery's id and the portal's key, so that a mail that is sent again has the same
link. Kept are digests alone.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from core.kernel import crypto
from core.kernel.settings import settings

PATH = "/on-call"  # below /api
LIFE = timedelta(days=7)  # of a link that acknowledges
_PURPOSE = b"quarterdeck: acknowledge a page"


def base() -> str:
    """The address that people use for the portal."""
    chosen = settings()
    return (chosen.public_url or f"http://localhost:{chosen.port}").rstrip("/")


def new_token() -> str:
    return secrets.token_urlsafe(32)


def feed_address(token: str) -> str:
    return f"{base()}/api{PATH}/feed/{token}.ics"


def _token(delivery_id: UUID, key: bytes) -> str:
    of_purpose = hmac.digest(key, _PURPOSE, hashlib.sha256)
    return base64.urlsafe_b64encode(hmac.digest(of_purpose, delivery_id.bytes, hashlib.sha256)).decode().rstrip("=")


def token_of(delivery_id: UUID) -> str:
    """The token of a new delivery."""
    keys = crypto.keys()
    return _token(delivery_id, keys.by_id[keys.active])


def acknowledge_address(delivery_id: UUID, digest: bytes | None) -> str:
    """The link; empty when there is none, or the key that it was made under is gone."""
    tokens = (_token(delivery_id, key) for key in crypto.keys().by_id.values())
    found = next((one for one in tokens if digest is not None and crypto.same(crypto.digest(one), digest)), None)
    return f"{base()}/api{PATH}/acknowledge/{found}" if found else ""


def incident_address(incident_id: UUID) -> str:
    """Where the incident is shown."""
    return f"{base()}/incident?id={incident_id}"

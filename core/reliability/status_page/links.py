"""The links in mails. Tokens follow from the subscription and the portal's key; kept are their digests alone."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Literal
from uuid import UUID

from core.kernel import crypto
from core.reliability.status_page import places

Purpose = Literal["confirm", "unsubscribe"]


def _token(purpose: Purpose, subscriber_id: UUID, since: datetime, key: bytes) -> str:
    of_purpose = hmac.digest(key, f"quarterdeck: status page, {purpose}".encode(), hashlib.sha256)
    about = subscriber_id.bytes + str(int(since.timestamp() * 1_000_000)).encode()
    return base64.urlsafe_b64encode(hmac.digest(of_purpose, about, hashlib.sha256)).decode().rstrip("=")


def token_of(purpose: Purpose, subscriber_id: UUID, since: datetime) -> str:
    """A new token: of this purpose, for what was asked for or confirmed at this moment."""
    keys = crypto.keys()
    return _token(purpose, subscriber_id, since, keys.by_id[keys.active])


def address(purpose: Purpose, subscriber_id: UUID, since: datetime | None, digest: bytes | None) -> str | None:
    """The link whose token has this digest; None when there is none, or the key that made it is gone."""
    if since is None or digest is None:
        return None
    tokens = (_token(purpose, subscriber_id, since, key) for key in crypto.keys().by_id.values())
    found = next((one for one in tokens if crypto.same(crypto.digest(one), digest)), None)
    return f"{places.forms_url()}/{purpose}/{found}" if found else None

"""The links to a question. A token follows from the question's id and the portal's key, so that a mail that is sent again
has the same link; kept is its digest alone."""

import base64
import hashlib
import hmac
from uuid import UUID

from core.kernel import crypto
from core.kernel.settings import settings

PATH = "/s"
_PURPOSE = b"quarterdeck: link to a survey"


def base() -> str:
    """The address that people use for the portal."""
    chosen = settings()
    return (chosen.public_url or f"http://localhost:{chosen.port}").rstrip("/")


def _token(survey_id: UUID, key: bytes) -> str:
    of_purpose = hmac.digest(key, _PURPOSE, hashlib.sha256)
    return base64.urlsafe_b64encode(hmac.digest(of_purpose, survey_id.bytes, hashlib.sha256)).decode().rstrip("=")


def token_of(survey_id: UUID) -> str:
    """The token of a new question."""
    keys = crypto.keys()
    return _token(survey_id, keys.by_id[keys.active])


def address(survey_id: UUID, digest: bytes | None) -> str:
    """The link to the question; empty when the key that it was asked under is gone."""
    tokens = (_token(survey_id, key) for key in crypto.keys().by_id.values())
    found = next((one for one in tokens if digest is not None and crypto.same(crypto.digest(one), digest)), None)
    return f"{base()}{PATH}/{found}" if found else ""

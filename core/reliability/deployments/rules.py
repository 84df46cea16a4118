"""What may be said of a deployment. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid
from core.reliability.deployments.models import STATUSES

__all__ = ["STATUSES"]

MAX_NAME, MAX_SUMMARY, MAX_URL = 200, 2_000, 2_000
_EARLY = timedelta(minutes=5)  # clocks of build systems differ
TITLES = {"started": "started", "succeeded": "succeeded", "failed": "failed", "rolled_back": "rolled back"}


def _text(field: str, value: Any, most: int, *, is_needed: bool) -> str:
    cleaned = " ".join(str(value or "").replace("\x00", "").split())
    if is_needed and not cleaned:
        raise _bad(field, f"Name the {field}.")
    if len(cleaned) > most:
        raise _bad(field, f"The {field.replace('_', ' ')} has more than {most:,} characters. Write a shorter one.")
    return cleaned


def _status(value: Any) -> str:
    if value not in STATUSES:
        raise _bad("status", f"Choose one of {', '.join(STATUSES)} as status.")
    return str(value)


def _url(value: Any) -> str | None:
    address = _text("url", value, MAX_URL, is_needed=False)
    if address and urlsplit(address).scheme not in ("http", "https"):
        raise _bad("url", "Give the address as http:// or https://.")
    return address or None


def _moment(value: datetime | None, now: datetime) -> datetime | None:
    if value is None:
        return None
    if value.tzinfo is None or value > now + _EARLY:
        raise _bad("at", "Give the time of the deployment with its zone, and not in the future.")
    return min(value, now)


def clean(values: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    ways = {
        "service": lambda value: _text("service", value, MAX_NAME, is_needed=True),
        "release": lambda value: _text("release", value, MAX_NAME, is_needed=True),
        "environment": lambda value: _text("environment", value, MAX_NAME, is_needed=True),
        "status": _status,
        "summary": lambda value: _text("summary", value, MAX_SUMMARY, is_needed=False),
        "deployed_by": lambda value: _text("deployed_by", value, MAX_NAME, is_needed=False),
        "external_id": lambda value: _text("external_id", value, MAX_NAME, is_needed=False) or None,
        "url": _url,
        "at": lambda value: _moment(value, now),
    }  # fmt: skip
    return cleaned(values, ways)


def _bad(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})

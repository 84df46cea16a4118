"""What may be said of a flag: every value is cleaned here before it is stored. Pure.

Each `clean_*` returns the value as it is stored and raises Invalid with one sentence; `clean` gathers them by field.
"""

import re
from collections.abc import Callable, Container
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import orjson

from core.kernel.errors import Invalid
from core.platform.flags.conditions import as_moment

MAX_JSON = 32_768
MOST_VARIANTS = 20
BOOLEAN = {"on": True, "off": False}
_KEY = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")

Clean = Callable[[Any], Any]


def bad(sentence: str, field: str) -> Invalid:
    return Invalid(sentence, {field: sentence})


def clean_key(value: Any) -> str:
    key = str(value).strip()
    if len(key) > 100 or not _KEY.fullmatch(key):
        raise bad("Write the key in small letters and digits with single - _ or . between, such as new-billing.", "key")
    return key


def clean_name(value: Any) -> str:
    name = " ".join(str(value or "").replace("\x00", " ").split())
    if not name or len(name) > 200:
        raise bad("Give a name of 1 to 200 characters.", "name")
    return name


def clean_text(value: Any) -> str:
    text = str(value or "").replace("\x00", "").strip()
    if len(text) > 2_000:
        raise bad("Write at most 2,000 characters.", "description")
    return text


def as_json(value: Any, field: str) -> Any:
    """The value as JSON gives it back. Raises Invalid for what JSON cannot hold, and for too much of it."""
    try:
        text = orjson.dumps(value)
    except (TypeError, ValueError) as error:
        raise bad(f"{field} holds something that JSON cannot: {error}.", field) from error
    if b"\\u0000" in text:
        raise bad(f"{field} holds a NUL character, which cannot be stored.", field)
    if len(text) > MAX_JSON:
        raise bad(f"{field} is over {MAX_JSON // 1024} KiB.", field)
    return orjson.loads(text)


def clean_config(value: Any) -> dict[str, Any]:
    found = as_json({} if value is None else value, "config")
    if not isinstance(found, dict):
        raise bad('Write the settings as a JSON object, such as {"limit": 5}.', "config")
    return found


def clean_variants(kind: str, value: Any) -> dict[str, Any]:
    """Variants that fit the kind."""
    if kind == "boolean":
        if value not in (None, BOOLEAN):
            raise bad("A boolean flag has the variants on (true) and off (false), and no others.", "variants")
        return dict(BOOLEAN)
    found = as_json(value, "variants")
    if not isinstance(found, dict) or not 2 <= len(found) <= MOST_VARIANTS:
        raise bad(f"Give 2 to {MOST_VARIANTS} variants.", "variants")
    if not all(_KEY.fullmatch(name) and len(name) <= 60 for name in found):
        raise bad("Name the variants in small letters and digits, with single - _ or . between.", "variants")
    if not any(
        all(isinstance(one, fit) and not isinstance(one, bool) for one in found.values()) for fit in _fits(kind)
    ):
        told = "all texts or all numbers" if kind == "multivariate" else "JSON objects"
        raise bad(f"The values of the variants must be {told}.", "variants")
    return found


def _fits(kind: str) -> tuple[Any, ...]:
    return (str, (int, float)) if kind == "multivariate" else (dict,)


def clean_percentage(value: Any) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal(-1)
    if (
        isinstance(value, bool)
        or not found.is_finite()
        or not 0 <= found <= 100
        or found != found.quantize(Decimal("0.001"))
    ):
        raise bad("A percentage is a number from 0 to 100 with at most three decimals.", "rollout_percentage")
    return found


def clean_moment(value: Any) -> datetime | None:
    if value in (None, ""):
        return None
    try:
        found = as_moment(value).astimezone(UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise bad(f"“{value}” is no time; write it like 2030-01-31T09:00:00+00:00.", "at") from error
    if not 2000 <= found.year < 3000:
        raise bad("Choose a time in this millennium.", "at")
    return found


def clean_day(value: Any) -> date | None:
    if value in (None, ""):
        return None
    try:
        return (
            value
            if isinstance(value, date) and not isinstance(value, datetime)
            else date.fromisoformat(str(value)[:10])
        )
    except ValueError as error:
        raise bad(f"“{value}” is no date; write it like 2030-01-31.", "expires_on") from error


def clean_id(value: Any) -> UUID | None:
    if value in (None, ""):
        return None
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError as error:
        raise bad("This is no id.", "owner_id") from error


def is_one(value: Any, known: Container[str]) -> bool:
    """Whether the value is a text that is known; JSON may have brought anything."""
    return isinstance(value, str) and value in known


def one_of(field: str, allowed: tuple[str, ...]) -> Clean:
    """A cleaner that takes one of the values."""

    def clean(value: Any) -> str:
        if value not in allowed:
            raise bad(f"Choose one of {', '.join(allowed)} as {field}.", field)
        return str(value)

    return clean


def truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise bad("Say true or false.", "is_enabled")
    return value

"""What a setting may be, and what may become of an override and of a request. Pure."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_network
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from core.customers.configuration.catalogue import SETTINGS, Setting
from core.kernel.errors import Conflict, Denied, Invalid, NotFound

OPERATIONS = ("set", "clear")
OUTCOMES = ("waiting", "approved", "rejected", "withdrawn")
MAX_REASON = 500


def setting_of(key: str) -> Setting:
    """Raises NotFound for a key that the catalogue does not have."""
    if key not in SETTINGS:
        raise NotFound(f"There is no setting “{key[:80]}”. Choose one of the catalogue.")
    return SETTINGS[key]


def bad(sentence: str, field: str = "value") -> Invalid:
    return Invalid(sentence, {field: sentence})


def clean(setting: Setting, value: Any) -> Any:
    """The value as it is stored. Raises Invalid naming `value`."""
    return _CLEAN[setting.kind](setting, value)


def _clean_boolean(setting: Setting, value: Any) -> bool:
    if not isinstance(value, bool):
        raise bad(f"{setting.title} is true or false.")
    return value


def _clean_integer(setting: Setting, value: Any) -> int:
    low, high = setting.minimum or 0, setting.maximum or 2**31
    is_whole = isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)
    if not is_whole or not low <= value <= high:
        raise bad(f"{setting.title} is a whole number from {low:,} to {high:,}.")
    return int(value)


def _clean_text(setting: Setting, value: Any) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else None
    if text is None or "\x00" in text or len(text) > (setting.maximum or 1_000):
        raise bad(f"{setting.title} is a text of at most {setting.maximum or 1_000} characters.")
    if text and setting.pattern and not re.fullmatch(setting.pattern, text):
        raise bad(f"“{text[:80]}” is not what {setting.title} takes. {setting.about}")
    if setting.key == "interface.time_zone" and text not in _time_zones():
        raise bad(f"There is no time zone “{text[:64]}”. Write a name such as Europe/Berlin.")
    return text


@cache
def _time_zones() -> set[str]:
    """Asked for once: Python looks through the files of all zones for it."""
    return available_timezones()


def _clean_choice(setting: Setting, value: Any) -> str:
    if value not in setting.options:
        raise bad(f"{setting.title} is one of {', '.join(setting.options)}.")
    return str(value)


def _clean_list(setting: Setting, value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
        raise bad(f"{setting.title} is a list of texts.")
    found = list(dict.fromkeys(one.strip().lower() for one in value if one.strip()))
    if len(found) > (setting.maximum or 100):
        raise bad(f"{setting.title} takes at most {setting.maximum or 100} entries.")
    for one in found:
        if setting.pattern and not re.fullmatch(setting.pattern, one):
            raise bad(f"“{one[:80]}” is not what {setting.title} takes. {setting.about}")
        if setting.key == "sign_in.allowed_networks":
            _require_network(one)
    return found


def _require_network(text: str) -> None:
    try:
        ip_network(text)
    except ValueError as error:
        raise bad(f"“{text[:60]}” is no network. Write 203.0.113.0/24, 2001:db8::/32 or one address.") from error


def _clean_secret(setting: Setting, value: Any) -> str:
    low, high = setting.minimum or 1, setting.maximum or 500
    if not isinstance(value, str) or "\x00" in value or not low <= len(value.strip()) <= high:
        raise bad(f"{setting.title} has {low} to {high} characters.")
    return value.strip()


_CLEAN: Mapping[str, Callable[[Setting, Any], Any]] = {
    "boolean": _clean_boolean, "integer": _clean_integer, "text": _clean_text, "choice": _clean_choice,
    "list": _clean_list, "secret": _clean_secret,
}  # fmt: skip


def clean_expiry(value: datetime | None, *, now: datetime) -> datetime | None:
    """In UTC. Raises Invalid for one that is over."""
    if value is None:
        return None
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    if moment <= now:
        raise bad("The end must lie in the future; leave it empty for an override without an end.", "expires_at")
    return moment.astimezone(UTC)


def clean_reason(text: str) -> str:
    """Raises Invalid."""
    reason = " ".join(text.split())
    if len(reason) > MAX_REASON or "\x00" in reason:
        raise bad(f"The reason has at most {MAX_REASON} characters.", "reason")
    return reason


def require_direct(setting: Setting) -> None:
    """Raises Denied for a setting that changes only with a second person's approval."""
    if setting.control == "limited":
        raise Denied(f"{setting.title} changes only with the approval of a second person. Make a request instead.")


def require_person(operator_id: UUID | None) -> UUID:
    """Raises Denied: a second pair of eyes is a person's."""
    if operator_id is None:
        raise Denied("Requests are made and decided by persons. Sign in to do this.")
    return operator_id


def require_waiting(outcome: str) -> None:
    """Raises Invalid."""
    if outcome != "waiting":
        raise Invalid(f"This request was {outcome} already.")


def require_other(proposed_by: UUID, decided_by: UUID) -> None:
    """Raises Denied for one's own request."""
    if proposed_by == decided_by:
        raise Denied("This request is your own; somebody else decides it. You can withdraw it.")


def require_same_base(before: int, present: int) -> None:
    """Raises Conflict when the override is no longer the one that the request was made against."""
    if before != present:
        raise Conflict("The setting was changed since this request was made. Reject it, and ask for a new one.")

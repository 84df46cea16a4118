"""What components, announcements and subscribers may be. Pure."""

import re
from collections.abc import Callable, Mapping
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid
from core.reliability.status_page.state import SETTABLE

MAX_NAME, MAX_GROUP, MAX_DESCRIPTION, MAX_TITLE, MAX_BODY, MAX_REASON = 80, 80, 300, 120, 4_000, 500
MOST_COMPONENTS, MOST_MONITORS, MOST_SERVICES, MAX_SERVICE, MAX_EMAIL = 200, 50, 50, 100, 254
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# One that every mail server takes, without quoting and without comments; longer labels than DNS allows are no domain.
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)


def _line(field: str, most: int, *, is_needed: bool) -> Callable[[Any], str]:
    def clean_line(value: Any) -> str:
        text = " ".join(_NO_TEXT.sub("", str(value or "")).split())
        if len(text) > most or (is_needed and not text):
            raise Invalid(f"The {field} has {'1' if is_needed else '0'} to {most} characters.")
        return text

    return clean_line


def _clean_body(value: Any) -> str:
    text = _NO_TEXT.sub("", str(value or "")).replace("\r\n", "\n").strip()
    if len(text) > MAX_BODY:
        raise Invalid(f"The text has at most {MAX_BODY:,} characters. Shorten it.")
    return text


def _clean_position(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100_000:
        raise Invalid("The position is a whole number from 0 to 100,000.")
    return value


def _ids(what: str, most: int) -> Callable[[Any], list[UUID]]:
    def clean_ids(values: Any) -> list[UUID]:
        chosen = list(dict.fromkeys(values or ()))
        if len(chosen) > most or not all(isinstance(one, UUID) for one in chosen):
            raise Invalid(f"Choose at most {most} {what}.")
        return chosen

    return clean_ids


def _clean_services(values: Any) -> list[str]:
    chosen = list(dict.fromkeys(_NO_TEXT.sub("", str(one)).strip() for one in values or () if str(one).strip()))
    if len(chosen) > MOST_SERVICES or any(len(one) > MAX_SERVICE for one in chosen):
        raise Invalid(f"Name at most {MOST_SERVICES} services of at most {MAX_SERVICE} characters.")
    return chosen


_COMPONENT: dict[str, Callable[[Any], Any]] = {
    "name": _line("name", MAX_NAME, is_needed=True),
    "description": _line("description", MAX_DESCRIPTION, is_needed=False),
    "group_name": _line("group", MAX_GROUP, is_needed=False),
    "position": _clean_position,
    "monitor_ids": _ids("monitors", MOST_MONITORS),
    "services": _clean_services,
}
_ANNOUNCEMENT: dict[str, Callable[[Any], Any]] = {
    "title": _line("title", MAX_TITLE, is_needed=True),
    "body": _clean_body,
    "component_ids": _ids("components", MOST_COMPONENTS),
}


def clean_component(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    return cleaned(values, _COMPONENT)


def clean_announcement(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same of an announcement."""
    return cleaned(values, _ANNOUNCEMENT)


def clean_state(value: Any) -> str:
    """A state that somebody may set. Raises Invalid."""
    if value not in SETTABLE:
        sentence = f"The state is one of: {', '.join(SETTABLE)}."
        raise Invalid(sentence, {"state": sentence})
    return str(value)


def clean_email(value: Any) -> str:
    """The address, its domain in lower case. Raises Invalid."""
    text = str(value or "").strip()
    address = parseaddr(text)[1]
    if address != text or len(text) > MAX_EMAIL or not _EMAIL.fullmatch(text) or ".." in text:
        sentence = "This is no e-mail address. Write one such as name@example.com."
        raise Invalid(sentence, {"email": sentence})
    local, _, domain = text.rpartition("@")
    return f"{local}@{domain.lower()}"

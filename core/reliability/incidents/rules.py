"""What may be said of an incident, and what may become of it. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid
from core.reliability.incidents.models import KINDS, LIVE, ROLES, SEVERITIES, SOURCES, STATUSES

__all__ = [
    "KINDS",
    "LIVE",
    "ROLES",
    "SEVERITIES",
    "SOURCES",
    "STATUSES",
]  # pages know them from here: they see no models

MAX_TITLE, MAX_TEXT, MAX_SERVICES, MAX_SERVICE = 200, 50_000, 50, 100
DIGITS = 6
EDITABLE = (
    "title", "description", "kind", "services", "started_at", "root_cause", "resolution", "public_title", "next_update_at",
)  # fmt: skip
TITLES = {
    "investigating": "investigating", "identified": "identified", "monitoring": "monitoring", "resolved": "resolved",
    "closed": "closed",
}  # fmt: skip
ROLE_TITLES = {
    "lead": "Incident lead", "communications": "Communications", "operations": "Operations", "scribe": "Scribe",
    "assignee": "Assignee",
}  # fmt: skip
# How long an incident of this severity may take until it is resolved. Source: ADR-020, success metrics (MTTR < 2 h for
# SEV1, < 8 h for SEV2); it names none for SEV3.
TARGETS: dict[str, timedelta | None] = {"sev1": timedelta(hours=2), "sev2": timedelta(hours=8), "sev3": None}
_OWN_ACT = {
    "resolved": "Resolve the incident with a sentence that says how.", "closed": "Close the incident once it is resolved.",
}  # fmt: skip
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_EARLY = timedelta(minutes=1)  # clocks differ


def number_of(number: int) -> str:
    """Such as `INC-000042`."""
    return f"INC-{number:0{DIGITS}d}"


def parsed_number(text: str) -> int | None:
    """The number that somebody typed: `INC-000042`, `#42` or `42`; None for what is none."""
    typed = text.strip().removeprefix("#")
    plain = typed[4:] if typed.lower().startswith("inc-") else typed
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 18 else None


def _bad(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})


def storable(value: Any) -> str:
    """The text without what PostgreSQL cannot hold."""
    return _NO_TEXT.sub("", str(value))


def one_of(field: str, value: Any, allowed: Iterable[str]) -> str:
    """Raises Invalid."""
    known = tuple(allowed)
    if value not in known:
        raise _bad(field, f"Choose one of {', '.join(known)} as {field}.")
    return str(value)


def clean_title(value: Any, *, field: str = "title") -> str:
    """Raises Invalid."""
    title = " ".join(storable(value or "").split())
    if not title or len(title) > MAX_TITLE:
        raise _bad(field, f"Give the incident a title of 1 to {MAX_TITLE} characters.")
    return title


def clean_text(value: Any, *, field: str, name: str = "text", is_needed: bool = True) -> str:
    """The text as it was written, without blank lines around it. Raises Invalid for none where one is needed."""
    cleaned = storable(value or "").strip()
    if is_needed and not cleaned:
        raise _bad(field, f"Write the {name}: it is empty.")
    if len(cleaned) > MAX_TEXT:
        raise _bad(field, f"The {name} has more than {MAX_TEXT:,} characters. Write a shorter one.")
    return cleaned


def clean_services(value: Any) -> list[str]:
    """Sorted, each once. Raises Invalid."""
    if isinstance(value, str):
        raise _bad("services", "Give the services as a list.")
    names = sorted({" ".join(storable(one).split()) for one in value or ()} - {""})
    if len(names) > MAX_SERVICES or any(len(name) > MAX_SERVICE for name in names):
        raise _bad("services", f"Name at most {MAX_SERVICES} services of at most {MAX_SERVICE} characters each.")
    return names


def clean_started(value: datetime | None, *, now: datetime) -> datetime:
    """Now where nothing is given. Raises Invalid for the future and for a time without a zone."""
    if value is None:
        return now
    if value.tzinfo is None:
        raise _bad("started_at", "Give the start with its time zone.")
    if value > now + _EARLY:
        raise _bad("started_at", "The start lies in the future. Give the time at which it began to hurt.")
    return min(value, now)


def clean_resolved(value: datetime | None, *, started_at: datetime, now: datetime) -> datetime:
    """Now where nothing is given. Raises Invalid for a time before the start or in the future."""
    if value is None:
        return now
    if value.tzinfo is None or not started_at <= value <= now + _EARLY:
        raise _bad("at", "The end lies between the start of the incident and now. Give another time.")
    return min(value, now)


def _clean_public_title(value: Any) -> str:
    return clean_title(value, field="public_title") if str(value or "").strip() else ""


def _clean_moment(value: Any) -> datetime | None:
    if value is not None and (not isinstance(value, datetime) or value.tzinfo is None):
        raise _bad("next_update_at", "Give the time of the next update with its time zone.")
    return value


def clean(values: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    ways = {
        "title": clean_title,
        "description": lambda value: clean_text(value, field="description", name="description", is_needed=False),
        "kind": lambda value: one_of("kind", value, KINDS),
        "severity": lambda value: one_of("severity", value, SEVERITIES),
        "source": lambda value: one_of("source", value, SOURCES),
        "services": clean_services,
        "started_at": lambda value: clean_started(value, now=now),
        "root_cause": lambda value: clean_text(value, field="root_cause", name="root cause", is_needed=False),
        "resolution": lambda value: clean_text(value, field="resolution", name="resolution", is_needed=False),
        "public_title": _clean_public_title,
        "next_update_at": _clean_moment,
    }  # fmt: skip
    return cleaned(values, ways)


def clean_edit(values: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """As `clean`, of what may be edited. Raises Invalid."""
    if unknown := [field for field in values if field not in EDITABLE]:
        raise Invalid(f"{', '.join(unknown)} cannot be edited here.", dict.fromkeys(unknown, "Cannot be edited here."))
    return clean(values, now=now)


def require_status(value: Any) -> str:
    """A state that can be chosen, and not one that takes an act of its own. Raises Invalid."""
    status = one_of("status", value, STATUSES)
    if status in _OWN_ACT:
        raise _bad("status", _OWN_ACT[status])
    return status


def require_live(status: str) -> None:
    """That the incident still runs. Raises Invalid."""
    if status not in LIVE:
        raise _bad("status", f"This incident is {TITLES[status]}. Reopen it first.")


def require_over(status: str) -> None:
    """That there is something to reopen. Raises Invalid."""
    if status in LIVE:
        raise _bad("status", f"This incident is {TITLES[status]}: it still runs, and needs no reopening.")


def require_resolved(status: str) -> None:
    """That it can be closed. Raises Invalid."""
    if status != "resolved":
        raise _bad("status", f"This incident is {TITLES[status]}. Only a resolved one is closed.")


def require_unmerged(merged_into_id: Any) -> None:
    """Raises Invalid for an incident that goes on in another one."""
    if merged_into_id is not None:
        raise _bad("status", "This incident was merged into another one. Go on there.")


def gravest(severities: Sequence[str]) -> str:
    """The gravest of some severities."""
    return min(severities, key=SEVERITIES.index)

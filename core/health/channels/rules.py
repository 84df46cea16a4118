"""What a channel and a route may be, whom an alert is told to, and when a message is tried again. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from core.kernel.errors import Invalid

STATUSES = ("waiting", "sent", "failed", "suppressed")
REASONS = ("opened", "escalated", "repeat", "resolved", "test")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MAX_NAME, MAX_CHANNELS, MAX_ROUTES = 100, 500, 200
LONGEST_MINUTES = 7 * 24 * 60
# Before the second to fifth attempt; after the fifth a message has failed.
PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
MOST_ATTEMPTS = len(PAUSES) + 1
# What opens together is told together: a message waits this long for company, and the next of its group a minute.
GATHER, DIGEST = timedelta(seconds=5), timedelta(minutes=1)


# A row or a model of a route: severities, areas, weekdays (empty lists mean every one), starts_at, ends_at, time_zone,
# continues, is_enabled.
Route = TypeVar("Route")


def is_in_hours(route: Any, at: datetime) -> bool:
    """Whether the route's hours cover the moment, in its own zone.

    From 18:00 to 08:00 goes over midnight; the early hours belong to the day on which it began.
    """
    local = at.astimezone(ZoneInfo(route.time_zone))
    day, now = local.weekday(), local.time()
    begins, ends = route.starts_at, route.ends_at
    if begins is not None and ends is not None and begins != ends:
        is_over_midnight = begins > ends
        is_early = is_over_midnight and now < ends
        day = (day - 1) % 7 if is_early else day
        is_within = now >= begins or now < ends if is_over_midnight else begins <= now < ends
        if not is_within:
            return False
    return not route.weekdays or day in route.weekdays


def matches(route: Any, *, severity: str, area: str | None, at: datetime) -> bool:
    """Whether an alert of this severity and area takes the route at this moment."""
    return (
        route.is_enabled
        and (not route.severities or severity in route.severities)
        and (not route.areas or area in route.areas)
        and is_in_hours(route, at)
    )


def chosen(routes: Iterable[Route], *, severity: str, area: str | None, at: datetime) -> list[Route]:
    """The routes that the alert takes, in their order: up to the first that matches and does not continue."""
    found: list[Route] = []
    for route in routes:
        known: Any = route
        if matches(known, severity=severity, area=area, at=at):
            found.append(route)
            if not known.continues:
                break
    return found


def next_attempt(attempts: int, *, now: datetime) -> datetime | None:
    """When to try again after that many failed attempts; None when that was the last one."""
    return now + PAUSES[attempts - 1] if attempts < MOST_ATTEMPTS else None


def clean_name(text: Any) -> str:
    """Without needless spaces. Raises Invalid."""
    name = " ".join(str(text).split())
    if not 1 <= len(name) <= MAX_NAME:
        raise _invalid("name", f"Give a name of 1 to {MAX_NAME} characters.")
    return name


def clean_route(values: Mapping[str, Any], *, severities: Sequence[str], areas: Sequence[str]) -> dict[str, Any]:
    """The given fields of a route, checked each by itself. Raises Invalid naming every bad one."""
    checks = {
        "name": clean_name,
        "severities": lambda given: _known("severities", given, severities),
        "areas": lambda given: _known("areas", given, areas),
        "weekdays": lambda given: sorted(_known("weekdays", given, range(7))),
        "time_zone": _clean_zone,
        "channel_ids": _ids,
        "escalation_channel_ids": _ids,
        "escalate_after_minutes": lambda given: _minutes("escalate_after_minutes", given),
        "repeat_every_minutes": lambda given: _minutes("repeat_every_minutes", given),
    }  # fmt: skip
    clean, wrong = dict(values), dict[str, str]()
    for field, check in checks.items():
        try:
            if field in values:
                clean[field] = check(values[field])
        except Invalid as error:
            wrong |= error.fields or {field: str(error)}
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)
    return clean


def require_sound(route: Any) -> None:
    """What the fields of a route must be together. Raises Invalid."""
    if not route.channel_ids:
        raise _invalid("channel_ids", "Choose at least one channel.")
    if (route.starts_at is None) != (route.ends_at is None):
        raise _invalid("ends_at", "Give both the beginning and the end of the hours, or neither.")
    if (route.escalate_after_minutes is None) == bool(route.escalation_channel_ids):
        raise _invalid(
            "escalation_channel_ids", "An escalation needs minutes and channels. Give both, or leave both empty."
        )
    if route.repeat_every_minutes is not None and route.escalate_after_minutes is None:
        raise _invalid("repeat_every_minutes", "Only an escalation is repeated. Say after how many minutes it begins.")


def _known(field: str, given: Any, known: Iterable[Any]) -> list[Any]:
    listed, possible = list(dict.fromkeys(given or ())), list(known)
    bad = [one for one in listed if one not in possible]
    if bad:
        raise _invalid(field, f"“{str(bad[0])[:40]}” is not known here. Choose of: {', '.join(map(str, possible))}.")
    return listed


def _ids(given: Any) -> list[UUID]:
    return list(dict.fromkeys(given or ()))


def _clean_zone(given: Any) -> str:
    if given not in available_timezones():
        raise _invalid("time_zone", f"“{str(given)[:40]}” is not a time zone. Write it like Europe/Berlin.")
    return str(given)


def _minutes(field: str, given: Any) -> int | None:
    if given is None:
        return None
    if type(given) is not int or not 1 <= given <= LONGEST_MINUTES:
        raise _invalid(field, f"Give 1 to {LONGEST_MINUTES:,} minutes, or nothing.")
    return given


def _invalid(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})

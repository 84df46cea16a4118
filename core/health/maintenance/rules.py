"""What a maintenance window may be, and when it is. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrule, rrulestr

from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid

COVERS = ("all", "tags", "monitors")
POLICIES = ("excluded", "counted")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
LONGEST_S = 14 * 86_400
MOST_MONITORS, MOST_TAGS, MAX_TITLE, MAX_REASON, MAX_RULE = 500, 20, 120, 1_000, 500
HORIZON = timedelta(days=3 * 366)  # a rule without an occurrence in so long is a mistake
MOST_OCCURRENCES = 1_000


class Window(Protocol):
    """What a window must tell of itself: the columns of the table."""

    starts_at: datetime
    duration_s: int
    rule: str | None
    zone: str
    covers: str

    @property
    def tags(self) -> Sequence[str]:
        """Of which monitors one must have one."""

    @property
    def monitor_ids(self) -> Sequence[UUID]:
        """The monitors themselves."""


def occurrences(window: Window, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """Start and end (UTC) of each occurrence that touches [since, until), oldest first; at most 1,000.

    A recurring window begins at the same local time all year; a start that the change to summer time skips is as much later.
    """
    length = timedelta(seconds=window.duration_s)
    if window.rule is None:
        starts: Iterable[datetime] = [window.starts_at] if window.starts_at < until else []
    else:
        starts = _starts(window.rule, window.starts_at, window.zone, until)
    touching = ((start, start + length) for start in starts if start + length > since)
    return list(islice(touching, MOST_OCCURRENCES))


def _starts(rule: str, first: datetime, zone: str, until: datetime) -> Iterator[datetime]:
    """Starts before `until`. Reckoned in local times, which recurrences are meant in, and bounded: no rule is unending."""
    place = ZoneInfo(zone)
    begin, end = (moment.astimezone(place).replace(tzinfo=None) for moment in (first, until))
    for local in _local_starts(rule, begin, end):
        start = local.replace(tzinfo=place).astimezone(UTC)
        if start < until:
            yield start


def _local_starts(rule: str, begin: datetime, end: datetime) -> Iterator[datetime]:
    recurrence = Recurrence.of(rule)
    bound = min(recurrence.until, end) if recurrence.until is not None else end
    endless = rrulestr(recurrence.pattern, dtstart=begin)
    assert isinstance(endless, rrule)
    yield from islice(endless.replace(until=bound), recurrence.count)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule taken apart: its pattern without an end, and the end, as a number of occurrences or a local time."""

    pattern: str
    count: int | None
    until: datetime | None

    @classmethod
    def of(cls, rule: str) -> "Recurrence":
        """Raises ValueError for what is no rule, and for one finer than daily, which could be reckoned for ever."""
        parts = dict(part.split("=", 1) for part in rule.split(";"))
        if parts.get("FREQ") not in FREQUENCIES:
            raise ValueError("not a frequency of days or longer")
        if not {"BYHOUR", "BYMINUTE", "BYSECOND"}.isdisjoint(parts):
            raise ValueError("the time of day is that of the start")
        count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
        if count is not None and not 1 <= int(count) <= MOST_OCCURRENCES:
            raise ValueError("too many occurrences")
        day = until if until is None or "T" in until else f"{until}T235959"
        end = datetime.strptime(day, "%Y%m%dT%H%M%S") if day else None  # noqa: DTZ007  (rules have local times)
        return cls(";".join(f"{name}={value}" for name, value in parts.items()), int(count) if count else None, end)


def is_running(window: Window, moment: datetime) -> bool:
    """Whether an occurrence holds the moment; its end does not belong to it."""
    return any(start <= moment < end for start, end in occurrences(window, moment, moment + timedelta(seconds=1)))


def applies(window: Window, monitor_id: UUID, tags: Iterable[str]) -> bool:
    """Whether the window covers a monitor of that id and tags."""
    if window.covers == "all":
        return True
    if window.covers == "tags":
        return not set(window.tags).isdisjoint(tags)
    return monitor_id in window.monitor_ids


def over_at(window: Window) -> datetime | None:
    """The end of the last occurrence; None for a rule without end, and for one that ends beyond the horizon."""
    length = timedelta(seconds=window.duration_s)
    if window.rule is None:
        return window.starts_at + length
    recurrence = Recurrence.of(window.rule)
    if recurrence.count is None and recurrence.until is None:
        return None
    horizon = window.starts_at + HORIZON
    starts = list(_starts(window.rule, window.starts_at, window.zone, horizon))
    has_all = recurrence.count is not None and len(starts) >= recurrence.count
    if recurrence.until is not None:
        has_all = has_all or recurrence.until.replace(tzinfo=ZoneInfo(window.zone)) < horizon
    return starts[-1] + length if has_all and starts else None


def clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    return cleaned(values, _CLEAN)


def require_sound(window: Window) -> None:
    """That the fields fit each other: it covers something, and it occurs. Raises Invalid."""
    if window.covers == "tags" and not window.tags:
        raise Invalid("Name a tag, or let the window cover all monitors.", {"tags": "Name at least one tag."})
    if window.covers == "monitors" and not window.monitor_ids:
        raise Invalid("Choose a monitor, or let the window cover all.", {"monitor_ids": "Choose at least one monitor."})
    if not occurrences(window, window.starts_at, window.starts_at + HORIZON):
        raise Invalid("This rule never occurs within three years.", {"rule": "It never occurs within three years."})


def _clean_title(value: Any) -> str:
    title = " ".join(str(value).split())
    if not 1 <= len(title) <= MAX_TITLE:
        raise Invalid(f"Give the window a title of 1 to {MAX_TITLE} characters.")
    return title


def _clean_start(value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None or not 2000 <= value.year <= 2200:
        raise Invalid("The start is a time with its zone, between 2000 and 2200.")
    return value.astimezone(UTC)


def _clean_duration(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 60 <= value <= LONGEST_S:
        raise Invalid("The duration is 60 seconds to 14 days.")
    return value


def _clean_rule(value: Any) -> str | None:
    text = str(value or "").strip().upper().removeprefix("RRULE:")
    if not text:
        return None
    sentence = "Write a rule such as FREQ=WEEKLY;BYDAY=SU: daily, weekly, monthly or yearly, after RFC 5545."
    if len(text) > MAX_RULE or not text.startswith("FREQ=") or "\n" in text:
        raise Invalid(sentence)
    try:
        rrulestr(Recurrence.of(text).pattern, dtstart=datetime(2000, 1, 1))  # noqa: DTZ001  (rules have local times)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError) as error:
        raise Invalid(f"{sentence} UNTIL is a local time without Z.") from error
    return text


def _clean_zone(value: Any) -> str:
    if str(value) not in available_timezones():
        raise Invalid("Choose a time zone such as Europe/Berlin.")
    return str(value)


def _clean_ids(values: Any) -> list[UUID]:
    chosen = list(dict.fromkeys(values or ()))
    if len(chosen) > MOST_MONITORS or not all(isinstance(one, UUID) for one in chosen):
        raise Invalid(f"Choose at most {MOST_MONITORS} monitors; use a tag for more.")
    return chosen


def _clean_tags(values: Any) -> list[str]:
    chosen = list(dict.fromkeys(str(one).strip().lower() for one in values or () if str(one).strip()))
    if len(chosen) > MOST_TAGS or any(len(one) > 40 for one in chosen):
        raise Invalid(f"Name at most {MOST_TAGS} tags of at most 40 characters.")
    return chosen


def _choice(name: str, values: tuple[str, ...]) -> Any:
    def pick(value: Any) -> str:
        if value not in values:
            raise Invalid(f"The {name} is one of: {', '.join(values)}.")
        return str(value)

    return pick


_CLEAN = {
    "title": _clean_title,
    "reason": lambda value: str(value or "").strip()[:MAX_REASON],
    "starts_at": _clean_start,
    "duration_s": _clean_duration,
    "rule": _clean_rule,
    "zone": _clean_zone,
    "covers": _choice("coverage", COVERS),
    "tags": _clean_tags,
    "monitor_ids": _clean_ids,
    "policy": _choice("policy", POLICIES),
}

"""What may be said of a calendar and of a policy. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from core.customers.tenants.rules import REGIONS, TIERS
from core.kernel.errors import Invalid
from core.support.sla.models import TARGETS
from core.support.sla.terms import CONDITIONS
from core.support.tickets.models import ACTIVE, CHANNELS, PRIORITIES

MAX_NAME = 100
MAX_HOLIDAYS = 400
MAX_PERIODS = 70
MAX_VALUES = 50
DAY_MINUTES = 1440
LONGEST = 366 * 86_400  # working seconds
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# Conditions whose values are known beforehand; those of category and tag are anything.
KNOWN = {"priority": PRIORITIES, "tier": tuple(TIERS), "region": tuple(REGIONS), "channel": CHANNELS}


@cache
def zones() -> list[str]:
    """The names of the time zones that a calendar can have."""
    return sorted(available_timezones())


def clock(minute: int) -> str:
    """A minute of the day as it stands on a clock; the end of the day is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def _clean_name(value: Any) -> str:
    name = " ".join(str(value).split())
    if not name or len(name) > MAX_NAME:
        raise Invalid(f"Give it a name of 1 to {MAX_NAME} characters.")
    return name


def _clean_zone(value: Any) -> str:
    if value not in zones():
        raise Invalid(f"There is no time zone “{str(value)[:60]}”. Choose one such as Europe/Berlin.")
    return str(value)


def _clean_periods(value: Any) -> list[list[int]]:
    """Sorted. Periods of a day may touch but not overlap."""
    if len(value) > MAX_PERIODS:
        raise Invalid(f"List at most {MAX_PERIODS} periods.")
    periods = sorted([int(part) for part in one] for one in value)
    for weekday, first, last in periods:
        if not 0 <= weekday <= 6 or not 0 <= first < last <= DAY_MINUTES:
            raise Invalid("A period begins before it ends, within one day from 00:00 to 24:00.")
    for one, two in pairwise(periods):
        if one[0] == two[0] and two[1] < one[2]:
            told = f"{clock(one[1])} to {clock(one[2])} and {clock(two[1])} to {clock(two[2])}"
            raise Invalid(f"{WEEKDAYS[one[0]]} has periods that overlap: {told}. Join them or move one.")
    return periods


def _clean_holidays(value: Mapping[Any, Any]) -> dict[date, str]:
    if len(value) > MAX_HOLIDAYS:
        raise Invalid(f"List at most {MAX_HOLIDAYS} holidays; remove those that are long past.")
    return {_day(day): _clean_name(name) for day, name in value.items()}


def _day(value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise Invalid(f"“{str(value)[:40]}” is no day. Write 2026-12-25.") from error


def _clean_position(value: Any) -> int:
    if not 0 <= int(value) <= 100_000:
        raise Invalid("The position is a whole number from 0 to 100,000; the lowest comes first.")
    return int(value)


def _clean_conditions(value: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Without those that allow everything."""
    cleaned = {}
    for name, allowed in value.items():
        values = sorted({" ".join(str(one).split()) for one in allowed} - {""})
        unknown = sorted(set(values) - set(KNOWN.get(name, values)))
        if name not in CONDITIONS or unknown:
            raise Invalid(
                f"There is no {name} {', '.join(unknown)[:100]}." if unknown else f"Nothing is chosen by {name}."
            )
        if len(values) > MAX_VALUES or any(len(one) > MAX_NAME for one in values):
            raise Invalid(f"A condition has at most {MAX_VALUES} values of at most {MAX_NAME} characters.")
        if values:
            cleaned[name] = values
    return cleaned


def _clean_targets(value: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Working seconds; a target that a priority does not have is left out."""
    cleaned = {priority: {target: int(seconds) for target, seconds in named.items() if seconds}
               for priority, named in value.items()}  # fmt: skip
    if set(cleaned) - set(PRIORITIES) or any(set(named) - set(TARGETS) for named in cleaned.values()):
        raise Invalid("Targets are first response, next response and resolution by priority.")
    amounts = [seconds for named in cleaned.values() for seconds in named.values()]
    if not amounts or not all(60 <= seconds <= LONGEST for seconds in amounts):
        raise Invalid("Give at least one target. Each is from 1 minute to 366 days of working time.")
    return {priority: named for priority, named in cleaned.items() if named}


def _clean_pauses(value: Iterable[str]) -> list[str]:
    chosen = sorted(set(value))
    if set(chosen) - set(ACTIVE) or len(chosen) == len(ACTIVE):
        raise Invalid(f"Clocks can pause in {', '.join(ACTIVE)}, but must run in one of these.")
    return chosen


_CLEANERS: dict[str, Callable[[Any], Any]] = {
    "name": _clean_name, "time_zone": _clean_zone, "is_always": bool, "periods": _clean_periods,
    "holidays": _clean_holidays, "position": _clean_position, "calendar_id": lambda value: UUID(str(value)),
    "conditions": _clean_conditions, "targets": _clean_targets, "pauses_in": _clean_pauses,
}  # fmt: skip
CALENDAR = ("name", "time_zone", "is_always", "periods", "holidays")
POLICY = ("name", "position", "calendar_id", "conditions", "targets", "pauses_in")


def clean(values: Mapping[str, Any], fields: Iterable[str]) -> dict[str, Any]:
    """The values as they are stored. Raises one Invalid that names every bad field."""
    cleaned: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field, value in values.items():
        if field not in fields:
            problems[field] = f"{field} cannot be edited here."
            continue
        try:
            cleaned[field] = _CLEANERS[field](value)
        except Invalid as error:
            problems[field] = str(error)
        except (TypeError, ValueError):
            problems[field] = f"This is no {field.replace('_', ' ')}."
    if problems:
        raise Invalid(" ".join(problems.values()), problems)
    return cleaned


def require_hours(is_always: bool, periods: list[Any]) -> None:
    """A calendar that never works would let no clock run. Raises Invalid."""
    if not is_always and not periods:
        sentence = "Add at least one working period, or let the calendar work around the clock."
        raise Invalid(sentence, {"periods": sentence})


def require_in_use(archived_at: object, what: str) -> None:
    """Raises Invalid for what is archived."""
    if archived_at is not None:
        raise Invalid(f"This {what} is archived and no longer changes. Create a new one.")

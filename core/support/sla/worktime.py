"""Working time of a business calendar: how much lies between two moments, and when an amount of it is used up.

A wall-clock moment counts when it lies in a period of its local weekday and its local day is no holiday; so an hour that the
clocks repeat counts twice, and one that they skip not at all. Exact to the microsecond.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import orjson

from core.support.sla.periods import LAST, MICRO, Periods

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Worktime(Protocol):
    """A calendar ready to compute with; all in microseconds, moments since 1970."""

    def between(self, start: int, end: int) -> int: ...

    def after(self, start: int, amount: int) -> int | None: ...

    def within(self, start: int, end: int) -> list[tuple[int, int]]: ...


class Always:
    """Every hour of every day."""

    def between(self, start: int, end: int) -> int:
        return max(end - start, 0)

    def after(self, start: int, amount: int) -> int | None:
        return start + max(amount, 0) if start + amount < LAST else None

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        return [(start, end)] if start < end else []


class Segment(NamedTuple):
    """A stretch that works throughout, or rests throughout; `holiday` names the reason where that is one."""

    start: datetime
    end: datetime
    is_working: bool
    holiday: str | None = None


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    passed = at - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * MICRO + passed.microseconds


def moment(at: int) -> datetime:
    """The moment in UTC of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=at)


def of(calendar: Mapping[str, Any]) -> Worktime:
    """The calendar ready to compute with. Keys: time_zone, is_always, periods, holidays (ISO day -> name)."""
    return _made(orjson.dumps(calendar))


@lru_cache(maxsize=256)
def _made(document: bytes) -> Worktime:
    calendar = orjson.loads(document)
    if calendar.get("is_always"):
        return Always()
    return Periods(calendar["time_zone"], calendar["periods"], calendar.get("holidays") or {})


def working_seconds(calendar: Mapping[str, Any], start: datetime, end: datetime) -> float:
    """Working seconds from start to end; 0 when the end is not later."""
    return of(calendar).between(micros(start), micros(end)) / MICRO


def after(calendar: Mapping[str, Any], start: datetime, seconds: float) -> datetime | None:
    """The earliest moment, not before start, at which so many working seconds have passed; None when that never comes."""
    found = of(calendar).after(micros(start), round(seconds * MICRO))
    return None if found is None else moment(found)


def segments(calendar: Mapping[str, Any], start: datetime, end: datetime) -> list[Segment]:
    """From start to end without gaps, working and resting in turn; the hours of a holiday are a segment of their own."""
    worktime, at = of(calendar), start
    found: list[Segment] = []
    for opens, closes in worktime.within(micros(start), micros(end)):
        found += _resting(calendar, worktime, at, moment(opens))
        at = moment(closes)
        found.append(Segment(moment(opens), at, True))
    return [*found, *_resting(calendar, worktime, at, end)]


def _resting(calendar: Mapping[str, Any], worktime: Worktime, start: datetime, end: datetime) -> Iterator[Segment]:
    """A stretch without work, cut where a holiday begins and ends."""
    at = start
    for opens, closes, day in worktime.holidays_within(start, end) if isinstance(worktime, Periods) else ():
        if at < opens:
            yield Segment(at, opens, False)
        at = closes
        yield Segment(opens, closes, False, calendar["holidays"][day.isoformat()])
    if at < end:
        yield Segment(at, end, False)

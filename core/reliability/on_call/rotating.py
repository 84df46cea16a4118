"""Who is on call when: rotations in layers, with overrides above them. Pure: no clock, no database.

Hand-overs follow the schedule's wall clock. One at an hour that a change to summer time leaves out happens when the clock
jumps over it; at an hour that comes twice, the first time counts. So turns never go back, and a day's turn has 23 to 25 hours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

Unit = Literal["hour", "day", "week"]
UNITS: dict[Unit, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """`time_zone` is an IANA name."""

    time_zone: str
    id: UUID | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Rotation:
    """One layer: `people` take turns of `length` units, counted from `starts_at`; a higher `position` wins over a lower.

    `periods` are (weekday 0 to 6, first minute, last minute exclusive) of the local day; none means always. It counts from
    `starts_at` or `effective_at`, the later of both, until `ends_at`.
    """

    people: tuple[UUID, ...]
    starts_at: datetime
    unit: Unit = "week"
    length: int = 1
    position: int = 0
    periods: tuple[tuple[int, int, int], ...] = ()
    ends_at: datetime | None = None
    effective_at: datetime | None = None
    id: UUID | None = None
    name: str = ""

    @property
    def begins_at(self) -> datetime:
        return max(self.starts_at, self.effective_at or self.starts_at)

    def is_in_force(self, at: datetime) -> bool:
        return bool(self.people) and self.begins_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody stands in. Of two at the same time the one that was made later counts."""

    person: UUID
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """From `starts_at` until `ends_at` (exclusive, UTC) `person` is on call; None is a gap. One of the ids says why."""

    starts_at: datetime
    ends_at: datetime
    person: UUID | None
    rotation_id: UUID | None = None
    override_id: UUID | None = None


Holder = tuple[UUID | None, UUID | None, UUID | None]  # person, rotation, override
NOBODY: Holder = (None, None, None)


def who(schedule: Schedule, rotations: Iterable[Rotation], overrides: Iterable[Override], at: datetime) -> UUID | None:
    """The one person who is on call at the moment, or None in a gap."""
    return _holder(ZoneInfo(schedule.time_zone), _by_rank(rotations), overrides, at)[0]


def course(
    schedule: Schedule, rotations: Sequence[Rotation], overrides: Sequence[Override], start: datetime, end: datetime
) -> list[Shift]:  # fmt: skip
    """Shifts and gaps from `start` until `end`, without a hole between them, each as long as it lasts within that time."""
    zone, ranked = ZoneInfo(schedule.time_zone), _by_rank(rotations)
    begun, ended = start.astimezone(UTC), end.astimezone(UTC)
    shifts: list[Shift] = []
    for since, until in pairwise(_moments(zone, ranked, overrides, begun, ended)):
        holder = _holder(zone, ranked, overrides, since)
        last = shifts[-1] if shifts else None
        if last is not None and (last.person, last.rotation_id, last.override_id) == holder:
            shifts[-1] = Shift(last.starts_at, until, *holder)
        else:
            shifts.append(Shift(since, until, *holder))
    return shifts


def joined(shifts: Iterable[Shift]) -> list[Shift]:
    """As people see it: what one person has without a break is one shift, whatever it comes from."""
    found: list[Shift] = []
    for one in shifts:
        if found and found[-1].person == one.person and found[-1].ends_at == one.starts_at:
            found[-1] = Shift(
                found[-1].starts_at, one.ends_at, one.person, found[-1].rotation_id, found[-1].override_id
            )
        else:
            found.append(one)
    return found


def turn(rotation: Rotation, zone: ZoneInfo, at: datetime) -> int:
    """Which turn runs at the moment, counted from 0."""
    size = UNITS[rotation.unit] * rotation.length
    since = at.astimezone(zone).replace(tzinfo=None) - _wall(rotation.starts_at, zone)
    number = max(since // size, 0)
    while number and hand_over(rotation, zone, number) > at:
        number -= 1
    while hand_over(rotation, zone, number + 1) <= at:
        number += 1
    return number


def hand_over(rotation: Rotation, zone: ZoneInfo, number: int) -> datetime:
    """When that turn begins (UTC)."""
    wall = _wall(rotation.starts_at, zone) + UNITS[rotation.unit] * rotation.length * number
    return max(rotation.starts_at.astimezone(UTC), reached(wall, zone))


def reached(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) at which the zone's clock shows that time or a later one."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if _wall(first, zone) == wall:
        return first
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _jump(zone, early - _SECOND, first)


def _jump(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The moment between the two at which the zone's offset changes; clocks are changed at whole seconds."""
    before, after = before.replace(microsecond=0), after.replace(microsecond=0) + _SECOND
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


def _by_rank(rotations: Iterable[Rotation]) -> list[Rotation]:
    return sorted(rotations, key=lambda one: (-one.position, one.starts_at, str(one.id)))


def _holder(zone: ZoneInfo, ranked: Sequence[Rotation], overrides: Iterable[Override], at: datetime) -> Holder:
    standing = [one for one in overrides if one.starts_at <= at < one.ends_at]
    if standing:
        latest = max(standing, key=lambda one: (one.made_at, str(one.id)))
        return latest.person, None, latest.id
    wall = _wall(at, zone)
    for one in ranked:
        if one.is_in_force(at) and _is_within(one.periods, wall):
            return one.people[turn(one, zone, at) % len(one.people)], one.id, None
    return NOBODY


def _is_within(periods: Sequence[tuple[int, int, int]], wall: datetime) -> bool:
    minute = wall.hour * 60 + wall.minute
    return not periods or any(day == wall.weekday() and first <= minute < last for day, first, last in periods)


def _moments(
    zone: ZoneInfo, rotations: Sequence[Rotation], overrides: Iterable[Override], start: datetime, end: datetime
) -> list[datetime]:  # fmt: skip
    """Every moment at which somebody else may take over, in order, with both ends of the time."""
    found = {moment for one in overrides for moment in (one.starts_at, one.ends_at)}
    changes = _clock_changes(zone, start, end)
    for one in rotations:
        found |= {one.begins_at, *([one.ends_at] if one.ends_at else [])}
        found |= set(_hand_overs(one, zone, start, end))
        if one.periods:
            found |= _edges(one.periods, zone, start, end) | changes
    return [start, *sorted({one.astimezone(UTC) for one in found if start < one < end}), end]


def _hand_overs(rotation: Rotation, zone: ZoneInfo, start: datetime, end: datetime) -> Iterable[datetime]:
    first, last = max(start, rotation.begins_at), min(end, rotation.ends_at or end)
    if first >= last or len(rotation.people) == 1:
        return
    number = turn(rotation, zone, first) + 1
    while (at := hand_over(rotation, zone, number)) < last:
        yield at
        number += 1


def _edges(periods: Sequence[tuple[int, int, int]], zone: ZoneInfo, start: datetime, end: datetime) -> set[datetime]:
    """Where a period may begin or end: at an hour that comes twice, both times."""
    day, last = _wall(start, zone).date() - timedelta(days=1), _wall(end, zone).date()
    found: set[datetime] = set()
    while day <= last:
        minutes = {edge for weekday, first, until in periods if weekday == day.weekday() for edge in (first, until)}
        for minute in minutes:
            wall = datetime.combine(day, time()) + timedelta(minutes=minute)
            found |= {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
        day += timedelta(days=1)
    return found


def _clock_changes(zone: ZoneInfo, start: datetime, end: datetime) -> set[datetime]:
    """When the zone's offset from UTC changes; looked for day by day."""
    found, at = set(), start
    while at < end:
        later = min(at + timedelta(days=1), end)
        if at.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            found.add(_jump(zone, at, later))
        at = later
    return found

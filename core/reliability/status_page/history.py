"""90 days of a component as a strip: one state a day (UTC), from what was measured and what incidents said. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import floor

from core.reliability.status_page.state import OUTAGES, WORST_FIRST

DAYS = 90
LONG_S = 3_600.0  # so long down on a day is shown as a major outage
SLOW_RATIO = 0.01  # from so much of what was observed on, degraded time colours a day
SEEN_RATIO = 0.5  # a day of which less was observed is not called operational


@dataclass(frozen=True, slots=True)
class Seconds:
    """What one monitor was on one day; `excluded` was observed during maintenance that does not count, and while it was
    `paused` nobody wanted to know."""

    up: float = 0.0
    degraded: float = 0.0
    down: float = 0.0
    excluded: float = 0.0
    paused: float = 0.0

    @property
    def observed(self) -> float:
        return self.up + self.degraded + self.down + self.excluded


@dataclass(frozen=True, slots=True)
class Stated:
    """That an incident's update put a component into a state, from when until when (None: still)."""

    state: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Day:
    """`observed_ratio` of the least observed monitor, `down_s` of the one that was down longest."""

    on: date
    state: str
    observed_ratio: float
    down_s: float


def days_until(now: datetime) -> list[datetime]:
    """The beginnings (UTC) of the days that a strip shows, today last."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def strip(by_monitor: Sequence[Mapping[date, Seconds]], stated: Sequence[Stated], now: datetime) -> list[Day]:
    """One day after the other, today last. A day without observation is `unknown`, unless an incident says what it was."""
    return [
        _day(begin, [one.get(begin.date(), Seconds()) for one in by_monitor], stated, now) for begin in days_until(now)
    ]


def _day(begin: datetime, monitors: Sequence[Seconds], stated: Sequence[Stated], now: datetime) -> Day:
    end = min(begin + timedelta(days=1), now)
    length = max((end - begin).total_seconds(), 1.0)
    wanted = [one for one in monitors if one.paused < length]
    seen = min((min(one.observed / (length - one.paused), 1.0) for one in wanted), default=0.0)
    down = max((one.down for one in monitors), default=0.0)
    said = [one.state for one in stated if one.since < end and (one.until or now) > begin and one.state in OUTAGES]
    measured = _measured(monitors, seen, down)
    return Day(begin.date(), min([measured, *said], key=WORST_FIRST.index), seen, down)


def _measured(monitors: Sequence[Seconds], seen: float, down: float) -> str:
    if down > 0:
        return "major_outage" if down >= LONG_S else "partial_outage"
    if any(one.observed and one.degraded / one.observed >= SLOW_RATIO for one in monitors):
        return "degraded_performance"
    if seen < SEEN_RATIO:
        return "unknown"
    is_planned = all(one.excluded > one.up + one.degraded for one in monitors if one.observed)
    return "under_maintenance" if is_planned else "operational"


def uptime(by_monitor: Iterable[Mapping[date, Seconds]]) -> float | None:
    """Up or degraded, of what was observed and counts, over all monitors and days; None when nothing was."""
    seconds = [one for days in by_monitor for one in days.values()]
    counted = sum(one.up + one.degraded + one.down for one in seconds)
    return (counted - sum(one.down for one in seconds)) / counted if counted else None


def percent(ratio: float | None) -> str | None:
    """Cut, and not rounded, to two decimals: 99.996 % is not 100 %."""
    return None if ratio is None else f"{floor(round(ratio * 10_000, 6)) / 100:.2f}"


def stated(
    updates: Sequence[tuple[datetime, Mapping[str, str]]], resolved_at: datetime | None
) -> dict[str, list[Stated]]:
    """By component, what one incident's updates said of it. `updates` in order: when, and the states by component."""
    found: dict[str, list[Stated]] = {}
    for place, (since, states) in enumerate(updates):
        for component, state in states.items():
            later = (at for at, states_then in updates[place + 1 :] if component in states_then)
            until = next(later, resolved_at)
            if until is None or until > since:
                found.setdefault(component, []).append(Stated(state, since, until))
    return found

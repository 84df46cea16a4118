"""Availability, and how much of the time anybody looked; out of the rollups."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Float, cast, func, or_, select

from core.health.monitors.models import MONITOR_ROLLUP, Monitor, MonitorPause
from core.health.monitors.rules import overlap_s
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import Reading, read
from core.kernel.rollups import Grain, RollupWatermark, grain_for
from core.kernel.times import utc_now

HOURS = 24
_OUTCOMES = ("up", "degraded", "down", "excluded")


@dataclass(frozen=True, slots=True)
class Availability:
    """Seconds in each state, of checks that count; `excluded_s` were observed during maintenance that does not count.

    `planned_s` is how long the monitor was to be checked: it existed and was not paused. The window begins at a whole
    minute, hour or day (UTC), as its length goes, and ends at what is counted already.
    """

    up_s: float
    degraded_s: float
    down_s: float
    excluded_s: float
    planned_s: float
    since: datetime
    until: datetime

    @property
    def available_ratio(self) -> float | None:
        """Up or degraded, of what was observed and counts; None when nothing was."""
        counted = self.up_s + self.degraded_s + self.down_s
        return (self.up_s + self.degraded_s) / counted if counted else None

    @property
    def observed_ratio(self) -> float | None:
        """How much of the planned time was observed; None when nothing was planned."""
        observed = self.up_s + self.degraded_s + self.down_s + self.excluded_s
        return min(observed / self.planned_s, 1.0) if self.planned_s else None

    @property
    def unobserved_ratio(self) -> float | None:
        return None if self.observed_ratio is None else 1 - self.observed_ratio


def floor_to(moment: datetime, grain: Grain) -> datetime:
    """The beginning of the bucket."""
    zeroes: dict[Grain, dict[str, int]] = {"minute": {}, "hour": {"minute": 0}, "day": {"minute": 0, "hour": 0}}
    return moment.replace(second=0, microsecond=0, **zeroes[grain])  # type: ignore[arg-type]


def counted_until(rx: Reading) -> datetime | None:
    """Up to when checks are rolled up; None when they never were."""
    found: datetime | None = rx.value(
        select(RollupWatermark.moved_at).where(RollupWatermark.rollup == MONITOR_ROLLUP.name)
    )
    return found


def availabilities(
    actor: Actor, monitor_ids: Sequence[UUID], *, since: datetime, until: datetime
) -> dict[UUID, Availability]:
    """By monitor, of those in sight."""
    require(actor, "monitors:read")
    with read(actor) as rx:
        return within(rx, monitor_ids, since, until)


def availability(actor: Actor, monitor_id: UUID, *, since: datetime, until: datetime) -> Availability:
    """Raises NotFound."""
    found = availabilities(actor, [monitor_id], since=since, until=until)
    if monitor_id not in found:
        raise NotFound("This monitor does not exist, or is not among those you may see.")
    return found[monitor_id]


def within(rx: Reading, monitor_ids: Sequence[UUID], since: datetime, until: datetime) -> dict[UUID, Availability]:
    """The same in a transaction that is open."""
    grain = grain_for(since, until)
    begin, end = floor_to(since, grain), min(until, counted_until(rx) or until)
    created = {row.id: row.created_at for row in rx.rows(
        select(Monitor.id, Monitor.created_at).where(Monitor.id.in_(monitor_ids)))}  # fmt: skip
    seconds, pauses = _seconds(rx, monitor_ids, grain, begin, until), _pauses(rx, monitor_ids, begin, end)
    found = {}
    for monitor_id, created_at in created.items():
        first = max(begin, created_at)
        lived = max((end - first).total_seconds(), 0.0)
        planned = max(lived - overlap_s(pauses.get(monitor_id, ()), first, end), 0.0)
        held = dict.fromkeys(_OUTCOMES, 0.0) | seconds.get(monitor_id, {})
        found[monitor_id] = Availability(
            held["up"], held["degraded"], held["down"], held["excluded"], planned, begin, end
        )
    return found


def _seconds(
    rx: Reading, monitor_ids: Sequence[UUID], grain: Grain, begin: datetime, until: datetime
) -> dict[UUID, dict[str, float]]:
    table = MONITOR_ROLLUP.model(grain).__table__.c
    statement = (
        select(
            table.monitor_id, table.state, table.is_counted, cast(func.sum(table.seconds_sum), Float).label("seconds")
        )
        .where(table.monitor_id.in_(monitor_ids), table.bucket >= begin, table.bucket < until)
        .group_by(table.monitor_id, table.state, table.is_counted)
    )
    held: dict[UUID, dict[str, float]] = {}
    for row in rx.rows(statement):
        name = row.state if row.is_counted else "excluded"
        of = held.setdefault(row.monitor_id, {})
        of[name] = of.get(name, 0.0) + row.seconds
    return held


def _pauses(
    rx: Reading, monitor_ids: Sequence[UUID], begin: datetime, end: datetime
) -> dict[UUID, list[tuple[datetime, datetime | None]]]:
    table = MonitorPause
    touching = (table.since < end, or_(table.until.is_(None), table.until > begin))
    statement = select(table.monitor_id, table.since, table.until).where(table.monitor_id.in_(monitor_ids), *touching)
    held: dict[UUID, list[tuple[datetime, datetime | None]]] = {}
    for row in rx.rows(statement):
        held.setdefault(row.monitor_id, []).append((row.since, row.until))
    return held


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours, the one that runs last: the mean latency (ms) of each, and its worst state or `unknown`."""

    latencies: list[float | None]
    hours: list[str]


def last_day(rx: Reading, monitor_ids: Sequence[UUID], now: datetime | None = None) -> dict[UUID, Day]:
    """By monitor; one without checks has unknown hours."""
    running = floor_to(now or utc_now(), "hour")
    first = running - timedelta(hours=HOURS - 1)
    table = MONITOR_ROLLUP.hour.__table__.c
    statement = select(
        table.monitor_id, table.bucket, table.state, table.timed, cast(table.latency_ms_sum, Float)
    ).where(table.monitor_id.in_(monitor_ids), table.bucket >= first)
    held: dict[tuple[UUID, int], list[Any]] = {}
    for row in rx.rows(statement):
        held.setdefault((row.monitor_id, int((row.bucket - first) / timedelta(hours=1))), []).append(row)
    return {one: _day([held.get((one, place), []) for place in range(HOURS)]) for one in monitor_ids}


def _day(hours: Sequence[Sequence[Any]]) -> Day:
    return Day([_mean(rows) for rows in hours], [_worst({row.state for row in rows}) for rows in hours])


def _mean(rows: Sequence[Any]) -> float | None:
    timed = sum(row.timed for row in rows)
    return sum(row.latency_ms_sum for row in rows) / timed if timed else None


def _worst(states: set[str]) -> str:
    return next((state for state in ("down", "degraded", "up") if state in states), "unknown")

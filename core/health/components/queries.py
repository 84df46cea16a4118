"""Reads of what the portal runs on: now, in the last hour, over 90 days."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Float, String, cast, column, func, select, true, values

from core.health.components import rules
from core.health.components.models import COMPONENT_ROLLUP, ComponentCheck
from core.health.components.rules import Finding, Status
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.platform.queue.models import ProcessHeartbeat

TITLES = {
    "database": "Database", "queue": "Queue", "scheduler": "Scheduler", "workers": "Workers", "disk": "Disk",
    "mail": "Mail server", "redis": "Redis", "nats": "NATS",
}  # fmt: skip
LIVE = {"scheduler": "scheduler", "workers": "worker"}  # component -> kind of process
OVERALL = "overall"


@dataclass(frozen=True, slots=True)
class Component:
    """A component now. `checked_at` is None when it was never checked."""

    name: str
    title: str
    finding: Finding
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Health:
    """The whole. `excluded` names what is unknown or not configured and so does not count."""

    status: Status
    components: tuple[Component, ...]
    read_at: datetime

    @property
    def excluded(self) -> dict[Status, list[str]]:
        """Titles of the components that do not count, by status."""
        return {status: [one.title for one in self.of(status)] for status in ("unknown", "not_configured")}

    def of(self, status: Status) -> list[Component]:
        return [one for one in self.components if one.finding.status == status]


def beats(actor: Actor) -> dict[str, Finding]:
    """Of the processes by kind (scheduler, worker), from the heartbeats of this moment."""
    require(actor, "health:read")
    beat = ProcessHeartbeat
    alive = beat.stopped_at.is_(None)
    age = (func.now() - func.max(beat.seen_at).filter(alive)).label("age")
    fresh = func.count().filter(alive, beat.seen_at > func.now() - rules.BEAT_GONE).label("fresh")
    known = select(beat.kind, age, fresh).where(beat.seen_at > func.now() - timedelta(days=1)).group_by(beat.kind)
    with read(actor) as rx:
        rows = {row.kind: row for row in rx.rows(known)}
    return {
        kind: rules.by_beat(kind, rows[kind].fresh, rows[kind].age) if kind in rows else rules.by_beat(kind, 0, None)
        for kind in LIVE.values()
    }


def current(actor: Actor) -> Health:
    """Every component now: the last check, unknown when that is older than 90 s; processes by their heartbeats."""
    require(actor, "health:read")
    checks, alive, now = _last_checks(actor), beats(actor), utc_now()
    found = []
    for name, title in TITLES.items():
        at, finding = checks.get(name, (None, Finding("unknown", "")))
        if name in LIVE:
            found.append(Component(name, title, alive[LIVE[name]], now))
        else:
            found.append(Component(name, title, rules.as_of(finding, at, now), at))
    return Health(rules.overall(one.finding.status for one in found), tuple(found), now)


def _last_checks(actor: Actor) -> dict[str, tuple[datetime, Finding]]:
    names = values(column("name", String), name="wanted").data([(name,) for name in TITLES])
    check = ComponentCheck
    last = (
        select(check.at, check.status, check.detail, check.latency_ms).where(check.component == names.c.name)
        .order_by(check.at.desc()).limit(1).lateral("last")
    )  # fmt: skip
    with read(actor) as rx:
        rows = rx.rows(select(names.c.name, last).select_from(names).join(last, true()))
    return {row.name: (row.at, Finding(row.status, row.detail, row.latency_ms)) for row in rows}


def latencies(actor: Actor, *, minutes: int = 60) -> pd.DataFrame:
    """Mean latency of each component's checks by minute, oldest first: component, bucket (UTC), latency_ms."""
    require(actor, "health:read")
    table = COMPONENT_ROLLUP.minute.__table__.c
    mean = cast(func.sum(table.latency_ms_sum) / func.nullif(func.sum(table.latency_ms_count), 0), Float)
    since = utc_now() - timedelta(minutes=minutes)
    means = select(table.component, table.bucket, mean.label("latency_ms")).where(table.bucket >= since)
    with read(actor) as rx:
        return rx.frame(means.group_by(table.component, table.bucket).order_by(table.component, table.bucket))


def days(actor: Actor, *, count: int = 90) -> pd.DataFrame:
    """One row per day (UTC), today last: day, status, observed_ratio, available_ratio (NA without observation).

    Days before anything was ever observed are there, too, as unknown.
    """
    require(actor, "health:read")
    now = utc_now()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = [today - timedelta(days=back) for back in reversed(range(count))]
    table = COMPONENT_ROLLUP.day.__table__.c
    rounds = select(table.bucket, table.status, table.total).where(
        table.component == OVERALL, table.bucket >= wanted[0]
    )
    with read(actor) as rx:
        by_day = _counted(rx.rows(rounds))
    return pd.DataFrame([_day(day, by_day.get(day, {}), now) for day in wanted])


def day(actor: Actor, start: datetime) -> pd.DataFrame:
    """One row per component that was checked on the day (UTC), the worst first: component, title, observed_ratio,
    available_ratio, degraded_ratio (of the checks), down_at (the hour in which it first was down, NA)."""
    require(actor, "health:read")
    table = COMPONENT_ROLLUP.hour.__table__.c
    wanted = select(
        table.component, table.status, func.sum(table.total).label("total"), func.min(table.bucket).label("at")
    )
    span = (table.bucket >= start, table.bucket < start + timedelta(days=1), table.component != OVERALL)
    with read(actor) as rx:
        rows = rx.rows(wanted.where(*span).group_by(table.component, table.status))
    length = min(timedelta(days=1), utc_now() - start)
    names = sorted({row.component for row in rows})
    made = pd.DataFrame(
        [_of_day(name, [row for row in rows if row.component == name], length) for name in names],
        columns=["component", "title", "observed_ratio", "available_ratio", "degraded_ratio", "down_at"],
    )
    return made.sort_values(["available_ratio", "degraded_ratio"], ascending=[True, False], ignore_index=True)


def _of_day(name: str, rows: list[Any], length: timedelta) -> dict[str, Any]:
    counts = {row.status: int(row.total) for row in rows}
    found, seen = rules.availability(counts, length), sum(counts.get(one, 0) for one in ("healthy", "degraded", "down"))
    return {
        "component": name, "title": TITLES.get(name, name), "observed_ratio": found.observed_ratio,
        "available_ratio": found.available_ratio, "degraded_ratio": counts.get("degraded", 0) / seen if seen else None,
        "down_at": next((row.at for row in rows if row.status == "down"), None),
    }  # fmt: skip


def _counted(rows: Iterable[Any]) -> dict[datetime, dict[str, int]]:
    by_day: dict[datetime, dict[str, int]] = {}
    for row in rows:
        by_day.setdefault(row.bucket.astimezone(UTC), {})[row.status] = row.total
    return by_day


def _day(day: datetime, rounds: dict[str, int], now: datetime) -> dict[str, Any]:
    found = rules.availability(rounds, min(timedelta(days=1), now - day))
    available = pd.NA if found.available_ratio is None else found.available_ratio
    return {"day": day, "status": found.status, "observed_ratio": found.observed_ratio, "available_ratio": available}

"""The course of one monitor: figures by bucket, states, times of down, single checks; and how the checker does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Float, cast, func, select

from core.health.monitors.models import (
    MONITOR_ROLLUP,
    CheckerGap,
    CheckerRun,
    Monitor,
    MonitorChange,
    MonitorCheck,
)
from core.health.monitors.queries.states import gaps
from core.health.monitors.rules import SILENCE, Span, strip
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, Reading, read
from core.kernel.rollups import Grain, grain_for
from core.kernel.sketch import quantile

QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
MOST_CHANGES = 2_000
COURSE = [
    "bucket", "checks", "p50", "p95", "p99", "mean_ms", "max_ms", "up_s", "degraded_s", "down_s", "excluded_s",
]  # fmt: skip


def _require_one(rx: Reading, monitor_id: UUID) -> datetime:
    """When it was made. Raises NotFound."""
    made: datetime | None = rx.value(select(Monitor.created_at).where(Monitor.id == monitor_id))
    if made is None:
        raise NotFound("This monitor does not exist, or is not among those you may see.")
    return made


def course(
    actor: Actor, monitor_id: UUID, *, since: datetime, until: datetime, grain: Grain | None = None
) -> pd.DataFrame:
    """One row per bucket with checks, oldest first; minutes up to 6 hours, hours up to 14 days, else days.

    Columns: bucket (UTC), checks, p50, p95, p99, mean_ms, max_ms (of the latency, NA without an answer), up_s, degraded_s,
    down_s, excluded_s. Raises NotFound.
    """
    require(actor, "monitors:read")
    table = MONITOR_ROLLUP.model(grain or grain_for(since, until)).__table__.c
    columns = (
        table.bucket, table.state, table.is_counted, table.total, table.timed, table.latency_ms_max, table.sketch_keys,
        table.sketch_counts, cast(table.latency_ms_sum, Float).label("latency"), cast(table.seconds_sum, Float).label("seconds"),
    )  # fmt: skip
    statement = select(*columns).where(table.monitor_id == monitor_id, table.bucket >= since, table.bucket < until)
    with read(actor) as rx:
        _require_one(rx, monitor_id)
        rows = rx.rows(statement.order_by(table.bucket).limit(10_000))
    by_bucket: dict[datetime, list[Any]] = {}
    for row in rows:
        by_bucket.setdefault(row.bucket, []).append(row)
    frame = pd.DataFrame([_bucket(bucket, held) for bucket, held in by_bucket.items()], columns=COURSE)
    bucket = pd.to_datetime(frame["bucket"], utc=True).astype("datetime64[us, UTC]")
    return frame.astype({name: "Int64" if name == "checks" else "Float64" for name in COURSE[1:]}).assign(bucket=bucket)


def _bucket(bucket: datetime, rows: list[Any]) -> dict[str, Any]:
    counts: dict[int, int] = {}
    for row in rows:
        for key, number in zip(row.sketch_keys, row.sketch_counts, strict=True):
            counts[key] = counts.get(key, 0) + number
    timed = sum(row.timed for row in rows)
    highest = [row.latency_ms_max for row in rows if row.latency_ms_max is not None]
    return {
        "bucket": bucket, "checks": sum(row.total for row in rows),
        "mean_ms": sum(row.latency for row in rows) / timed if timed else None, "max_ms": max(highest, default=None),
        **{name: quantile(counts, share) if counts else None for name, share in QUANTILES.items()},
        **{f"{state}_s": sum(row.seconds for row in rows if row.is_counted and row.state == state)
           for state in ("up", "degraded", "down")},
        "excluded_s": sum(row.seconds for row in rows if not row.is_counted),
    }  # fmt: skip


def changes(actor: Actor, monitor_id: UUID, *, since: datetime, until: datetime) -> pd.DataFrame:
    """The states of a window without a gap, oldest first: since, until (NA: still), state, cause.

    What the checker does not know is `unknown`. Before the monitor was made there is nothing. Raises NotFound.
    """
    require(actor, "monitors:read")
    with read(actor) as rx:
        made = _require_one(rx, monitor_id)
        told = _spans(rx, monitor_id, made, since, until)
        spans = strip(told, gaps(rx, since, until), since, until)
    frame = pd.DataFrame(
        [(span.since, span.until, span.state, span.cause) for span in spans],
        columns=["since", "until", "state", "cause"],
    )
    times = {name: pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]") for name in ("since", "until")}
    return frame.assign(**times)


def _spans(rx: Reading, monitor_id: UUID, made: datetime, since: datetime, until: datetime) -> list[Span]:
    table = MonitorChange
    columns = select(table.at, table.state, table.cause).where(table.monitor_id == monitor_id)
    before = rx.one(columns.where(table.at <= since).order_by(table.at.desc(), table.id.desc()).limit(1))
    inside = columns.where(table.at > since, table.at < until).order_by(table.at.desc(), table.id.desc())
    rows = [*([before] if before else []), *reversed(rx.rows(inside.limit(MOST_CHANGES)))]
    told = [(row.at, row.state, row.cause) for row in rows]
    if before is None:
        told.insert(0, (made, "unknown", "not checked yet"))
    ends: list[datetime | None] = [at for at, _, _ in told[1:]]
    return [Span(at, end, state, cause) for (at, state, cause), end in zip(told, [*ends, None], strict=True)]


def incidents(actor: Actor, *, monitor_id: UUID | None = None, limit: int = 20) -> pd.DataFrame:
    """Times of down, newest first: monitor_id, monitor, since, until (NA: still), cause."""
    require(actor, "monitors:read")
    table, later = MonitorChange, MonitorChange.__table__.alias("later")
    end = (
        select(func.min(later.c.at))
        .where(later.c.monitor_id == table.monitor_id, later.c.at > table.at)
        .scalar_subquery()
    )
    statement = (
        select(
            table.monitor_id, Monitor.name.label("monitor"), table.at.label("since"), end.label("until"), table.cause
        )
        .join(Monitor, Monitor.id == table.monitor_id)
        .where(table.state == "down", *([table.monitor_id == monitor_id] if monitor_id else []))
    )
    with read(actor) as rx:
        return rx.frame(statement.order_by(table.at.desc(), table.id.desc()), limit=limit)


def checks(actor: Actor, monitor_id: UUID, *, after: str | None = None, limit: int = 50) -> Page:
    """Single checks of the last 7 days, newest first: id, at, state, latency_ms, detail, seconds, is_counted.

    Raises NotFound.
    """
    require(actor, "monitors:read")
    table = MonitorCheck
    columns = (table.id, table.at, table.state, table.latency_ms, table.detail, table.seconds, table.is_counted)
    statement: AnySelect = select(*columns).where(table.monitor_id == monitor_id)
    with read(actor) as rx:
        _require_one(rx, monitor_id)
        return rx.page(statement, keys=[table.at, table.id], after=after, limit=limit)


@dataclass(frozen=True, slots=True)
class Checker:
    """How the checker does. `lag_ms`: by how much the checks of the last minute were late at most, but for 1 %.

    `problem` says why nothing is known though it runs, or that it does not; `since` is since when.
    """

    is_running: bool
    seen_at: datetime | None
    host: str | None
    lag_ms: float | None
    monitors: int
    problem: str | None
    since: datetime | None


def checker(actor: Actor) -> Checker:
    """Of the checker that was seen last."""
    require(actor, "monitors:read")
    run, gap = CheckerRun, CheckerGap
    last = select(run.seen_at, run.host, run.lag_ms, run.monitors, func.now().label("now"))
    with read(actor) as rx:
        found = rx.one(last.order_by(run.seen_at.desc()).limit(1))
        lasting = rx.one(select(gap.since, gap.cause).where(gap.until.is_(None)))
    if found is None:
        return Checker(False, None, None, None, 0, "no checker has run yet", None)
    if found.now - found.seen_at > SILENCE:
        return Checker(False, found.seen_at, found.host, None, found.monitors, "no checker runs", found.seen_at)
    problem = (lasting.cause, lasting.since) if lasting else (None, None)
    return Checker(True, found.seen_at, found.host, found.lag_ms, found.monitors, *problem)

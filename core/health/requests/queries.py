"""Figures of requests, out of the rollups: their cost does not grow with the number of requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, DateTime, Float, Select, cast, column, func, select, true

from core.health.requests.models import REQUEST_ROLLUP, RequestRecord
from core.kernel.actor import Actor
from core.kernel.models import Base, utc_now
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.rollups import RollupWatermark
from core.kernel.sketch import value_sql

COUNTED = ("page", "api")  # files and the pages' shell would make the portal look faster than it is
QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


def latencies(
    model: type[Base], since: datetime, until: datetime, *, by: tuple[str, ...] = (), channels: Sequence[str] = ()
) -> Select[Any]:
    """Percentiles of the duration (ms) as p50, p95, p99: one row, or one per combination of the columns `by`.

    NULL when nothing was asked in that time.
    """
    table = model.__table__.c
    held = func.unnest(table.sketch_keys, table.sketch_counts).table_valued("key", "count").render_derived()
    groups = [table[name] for name in by]
    merged = (
        select(*groups, held.c.key, func.sum(held.c.count).label("count")).select_from(model).join(held, true())
        .where(table.bucket >= since, table.bucket < until, table.channel.in_(channels) if channels else true())
        .group_by(*groups, held.c.key).subquery()
    )  # fmt: skip
    parts = [merged.c[name] for name in by]
    below = func.sum(merged.c.count).over(partition_by=parts or None, order_by=merged.c.key)
    ranked = select(
        *parts,
        merged.c.key,
        below.label("below"),
        func.sum(merged.c.count).over(partition_by=parts or None).label("all"),
    ).subquery()
    figures = [
        value_sql(cast(func.min(ranked.c.key).filter(ranked.c.below >= share * ranked.c.all), Float)).label(name)
        for name, share in QUANTILES.items()
    ]
    return select(*(ranked.c[name] for name in by), *figures).group_by(*(ranked.c[name] for name in by))


@dataclass(frozen=True, slots=True)
class Hour:
    """The last hour of page runs and API calls. Percentiles (ms) and `error_ratio` are None when nothing was asked.

    `rolled_up_at` is when the figures were last brought up to date, None when never.
    """

    requests: int
    errors: int
    p50: float | None
    p95: float | None
    p99: float | None
    rolled_up_at: datetime | None

    @property
    def error_ratio(self) -> float | None:
        return self.errors / self.requests if self.requests else None


def last_hour(actor: Actor, *, now: datetime | None = None) -> Hour:
    """Totals and percentiles of the last 60 minutes and the one that runs."""
    require(actor, "health:read")
    since, until = _last(60, now)
    table = REQUEST_ROLLUP.minute.__table__.c
    requests, errors = (func.coalesce(func.sum(counted), 0) for counted in (table.total, table.errors))
    sums = select(requests.label("requests"), errors.label("errors"))
    mark = select(RollupWatermark.moved_at).where(RollupWatermark.rollup == REQUEST_ROLLUP.name)
    with read(actor) as rx:
        counted = rx.rows(sums.where(table.bucket >= since, table.bucket < until, table.channel.in_(COUNTED)))[0]
        found = rx.one(latencies(REQUEST_ROLLUP.minute, since, until, channels=COUNTED))
        moved = rx.value(mark)
    p50, p95, p99 = found or (None, None, None)
    return Hour(int(counted.requests), int(counted.errors), p50, p95, p99, moved)


def by_minute(actor: Actor, *, minutes: int = 60, now: datetime | None = None) -> pd.DataFrame:
    """One row per minute, oldest first: bucket (UTC), requests, errors, p50, p95, p99 (ms; NA when nothing was asked).

    A minute without requests is there, with 0; the running one, and one that is not rolled up yet, are not.
    """
    require(actor, "health:read")
    since, until = _last(minutes, now)
    table = REQUEST_ROLLUP.minute.__table__.c
    mark = select(RollupWatermark.moved_at).where(RollupWatermark.rollup == REQUEST_ROLLUP.name).scalar_subquery()
    end = func.least(until - timedelta(minutes=2), func.date_trunc("minute", mark) - timedelta(minutes=1))
    series = func.generate_series(since, end, timedelta(minutes=1))
    minute = series.table_valued(column("bucket", DateTime(timezone=True))).render_derived(name="minute")
    sums = (
        select(table.bucket, func.sum(table.total).label("requests"), func.sum(table.errors).label("errors"))
        .where(table.bucket >= since, table.bucket < until, table.channel.in_(COUNTED)).group_by(table.bucket).subquery()
    )  # fmt: skip
    shares = latencies(REQUEST_ROLLUP.minute, since, until, by=("bucket",), channels=COUNTED).subquery()
    counts = (cast(func.coalesce(sums.c[name], 0), BigInteger).label(name) for name in ("requests", "errors"))
    joined = minute.outerjoin(sums, sums.c.bucket == minute.c.bucket).outerjoin(
        shares, shares.c.bucket == minute.c.bucket
    )
    wanted = select(minute.c.bucket, *counts, *(shares.c[name] for name in QUANTILES)).select_from(joined)
    with read(actor) as rx:
        return rx.frame(wanted.order_by(minute.c.bucket))


def active_operators(actor: Actor, *, minutes: int = 15) -> int:
    """How many operators opened a page or called the API in the last minutes."""
    require(actor, "health:read")
    known = RequestRecord.operator_id
    since = utc_now() - timedelta(minutes=minutes)
    with read(actor) as rx:
        return int(rx.value(select(func.count(known.distinct())).where(known.is_not(None), RequestRecord.at >= since)))


def slowest(actor: Actor, *, limit: int = 8) -> pd.DataFrame:
    """The routes of the last hour by their p95, slowest first: route, requests, errors, p50, p95, p99 (ms)."""
    require(actor, "health:read")
    since, until = _last(60, None)
    table = REQUEST_ROLLUP.minute.__table__.c
    sums = (
        select(table.route, cast(func.sum(table.total), BigInteger).label("requests"),
               cast(func.sum(table.errors), BigInteger).label("errors"))
        .where(table.bucket >= since, table.bucket < until, table.channel.in_(COUNTED)).group_by(table.route).subquery()
    )  # fmt: skip
    shares = latencies(REQUEST_ROLLUP.minute, since, until, by=("route",), channels=COUNTED).subquery()
    figures = (shares.c[name] for name in QUANTILES)
    ranked = select(sums, *figures).join(shares, shares.c.route == sums.c.route).order_by(shares.c.p95.desc())
    with read(actor) as rx:
        return rx.frame(ranked, limit=limit)


def _last(minutes: int, now: datetime | None) -> tuple[datetime, datetime]:
    running = (now or utc_now()).replace(second=0, microsecond=0)
    return running - timedelta(minutes=minutes), running + timedelta(minutes=1)

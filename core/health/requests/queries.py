"""Figures of requests, out of the rollups: their cost does not grow with the number of requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, Float, Select, case, cast, func, literal, select, tuple_

from core.health.requests.models import REQUEST_ROLLUP, RequestRecord
from core.kernel.actor import Actor
from core.kernel.models import Base
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.rollups import RollupWatermark
from core.kernel.sketch import value_sql
from core.kernel.times import utc_now

COUNTED = ("page", "api")  # files and the pages' shell would make the portal look faster than it is
WHOLE, BY = "all", ("bucket", "route")
QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


def latencies(
    model: type[Base], since: datetime, until: datetime, *, by: tuple[str, ...] = (), channels: Sequence[str] = ()
) -> Select[Any]:
    """Percentiles of the duration (ms) as p50, p95, p99, all out of one look at the sketches.

    `of` says of what: `all` one row, and one row for each value of each of the columns `by`, whose other columns are NULL.
    Nothing was asked, no row.
    """
    table = model.__table__.c
    # Side by side in the select list, which costs half of what a join with unnest() does.
    pairs = (func.unnest(table.sketch_keys).label("key"), func.unnest(table.sketch_counts).label("count"))
    held = select(*(table[name] for name in by), *pairs).where(*_within(model, since, until, channels)).subquery().c
    groups = [held[name] for name in by]
    merged = (
        select(_of(held, by), *groups, held.key, func.sum(held["count"]).label("count"))
        .group_by(func.grouping_sets(*(tuple_(*group, held.key) for group in ([], *([one] for one in groups)))))
        .subquery()
    )
    keys = [merged.c[name] for name in ("of", *by)]
    below = func.sum(merged.c.count).over(partition_by=keys, order_by=merged.c.key)
    whole = func.sum(merged.c.count).over(partition_by=keys)
    ranked = select(*keys, merged.c.key, below.label("below"), whole.label("whole")).subquery()
    figures = [
        value_sql(cast(func.min(ranked.c.key).filter(ranked.c.below >= share * ranked.c.whole), Float)).label(name)
        for name, share in QUANTILES.items()
    ]
    named = [ranked.c[name] for name in ("of", *by)]
    return select(*named, *figures).group_by(*named)


def totals(
    model: type[Base], since: datetime, until: datetime, *, by: tuple[str, ...] = (), channels: Sequence[str] = ()
) -> Select[Any]:
    """Requests and errors, in the same rows as `latencies`."""
    table = model.__table__.c
    groups = [table[name] for name in by]
    sums = (cast(func.sum(counted), BigInteger) for counted in (table.total, table.errors))
    sets = func.grouping_sets(*(tuple_(*group) for group in ([], *([one] for one in groups))))
    named = (one.label(name) for one, name in zip(sums, ("requests", "errors"), strict=True))
    return select(_of(table, by), *groups, *named).where(*_within(model, since, until, channels)).group_by(sets)


def _of(columns: Any, by: tuple[str, ...]) -> Any:
    """Which of the grouping sets a row belongs to."""
    which = [(func.grouping(columns[name]) == 0, name) for name in by]
    return (case(*which, else_=WHOLE) if which else literal(WHOLE)).label("of")


def _within(model: type[Base], since: datetime, until: datetime, channels: Sequence[str]) -> list[Any]:
    table = model.__table__.c
    return [table.bucket >= since, table.bucket < until, *([table.channel.in_(channels)] if channels else [])]


@dataclass(frozen=True, slots=True)
class Hour:
    """The last hour of page runs and API calls. Percentiles (ms) and `error_ratio` are None when nothing was asked.

    `rolled_up_at` is when the figures were last brought up to date, None when never. `minutes`: a row per full minute that
    is rolled up (one without requests has 0), oldest first: bucket (UTC), requests, errors, p50, p95, p99. `routes`: a row
    per route, slowest p95 first: route and the same figures.
    """

    requests: int
    errors: int
    p50: float | None
    p95: float | None
    p99: float | None
    rolled_up_at: datetime | None
    minutes: pd.DataFrame
    routes: pd.DataFrame

    @property
    def error_ratio(self) -> float | None:
        return self.errors / self.requests if self.requests else None


def last_hour(actor: Actor, *, now: datetime | None = None) -> Hour:
    """The last 60 minutes, and the one that runs."""
    require(actor, "health:read")
    running = (now or utc_now()).replace(second=0, microsecond=0)
    begin, model = running - timedelta(minutes=60), REQUEST_ROLLUP.minute
    span = (begin, running + timedelta(minutes=1))
    mark = select(RollupWatermark.moved_at).where(RollupWatermark.rollup == REQUEST_ROLLUP.name)
    with read(actor) as rx:
        sums = rx.frame(totals(model, *span, by=BY, channels=COUNTED))
        shares = rx.frame(latencies(model, *span, by=BY, channels=COUNTED))
        moved: datetime | None = rx.value(mark)
    found = sums.merge(shares, on=["of", *BY], how="left")
    figures = ["requests", "errors", *QUANTILES]
    whole = found.loc[found["of"] == WHOLE, figures].iloc[0]
    requests, errors, p50, p95, p99 = (None if pd.isna(value) else value for value in whole)
    routes = found.loc[found["of"] == "route", ["route", *figures]].sort_values("p95", ascending=False)
    minutes = found.loc[found["of"] == "bucket", ["bucket", *figures]]
    full = _each_minute(minutes, begin, min(running, moved or begin) - timedelta(minutes=1))
    return Hour(int(requests or 0), int(errors or 0), p50, p95, p99, moved, full, routes.reset_index(drop=True))


def _each_minute(minutes: pd.DataFrame, first: datetime, last: datetime) -> pd.DataFrame:
    end = last.astimezone(UTC).replace(second=0, microsecond=0)
    every = pd.date_range(first, end, freq="min", name="bucket", unit="us")
    known = minutes.set_index("bucket").reindex(every).reset_index()
    return known.fillna({"requests": 0, "errors": 0})


def active_operators(actor: Actor, *, minutes: int = 15) -> int:
    """How many operators opened a page or called the API in the last minutes."""
    require(actor, "health:read")
    known = RequestRecord.operator_id
    since = utc_now() - timedelta(minutes=minutes)
    with read(actor) as rx:
        return int(rx.value(select(func.count(known.distinct())).where(known.is_not(None), RequestRecord.at >= since)))

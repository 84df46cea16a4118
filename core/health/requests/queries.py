"""Figures of requests, out of the rollups: their cost does not grow with the number of requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, select, tuple_

from core.health.requests.models import ROUTE_ROLLUP, RequestRecord
from core.health.requests.percentiles import QUANTILES, WHOLE, percentiles, which
from core.kernel.actor import Actor
from core.kernel.models import Base
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.rollups import RollupWatermark
from core.kernel.times import utc_now

__all__ = ["QUANTILES", "WHOLE", "active_operators", "last_hour", "latencies", "totals"]

COUNTED = ("page", "api")  # files and the pages' shell would make the portal look faster than it is
BY = ("bucket", "route")


def latencies(
    model: type[Base], since: datetime, until: datetime, *, by: tuple[str, ...] = (), channels: Sequence[str] = (),
    services: Sequence[str] = (),
) -> Select[Any]:  # fmt: skip
    """Percentiles of the duration (ms) as p50, p95, p99, all out of one look at the sketches.

    `of` says of what: `all` one row, and one row for each value of each of the columns `by`, whose other columns are NULL.
    Nothing was asked, no row.
    """
    return percentiles(model, within(model, since, until, channels, services), sets=_sets(by))


def totals(
    model: type[Base], since: datetime, until: datetime, *, by: tuple[str, ...] = (), channels: Sequence[str] = (),
    services: Sequence[str] = (),
) -> Select[Any]:  # fmt: skip
    """How many requests and errors, in the rows of `latencies`; the whole is there even when nothing was asked."""
    table, sets = model.__table__.c, _sets(by)
    sums = (cast(func.sum(counted), BigInteger) for counted in (table.total, table.errors))
    named = (one.label(name) for one, name in zip(sums, ("requests", "errors"), strict=True))
    grouped = func.grouping_sets(*(tuple_(*(table[name] for name in one)) for one in sets))
    asked = within(model, since, until, channels, services)
    return select(which(table, sets), *(table[name] for name in by), *named).where(*asked).group_by(grouped)


def _sets(by: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [(), *((one,) for one in by)]


def within(
    model: type[Base], since: datetime, until: datetime, channels: Sequence[str] = (), services: Sequence[str] = ()
) -> list[ColumnElement[bool]]:
    """The conditions that a bucket lies in the time, of the channels and services where these are given."""
    table = model.__table__.c
    chosen = ((table.channel, channels), (table.service, services))
    return [
        table.bucket >= since,
        table.bucket < until,
        *(column.in_(values) for column, values in chosen if values),
    ]


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
    begin, model = running - timedelta(minutes=60), ROUTE_ROLLUP.minute
    span = (begin, running + timedelta(minutes=1))
    mark = select(RollupWatermark.moved_at).where(RollupWatermark.rollup == ROUTE_ROLLUP.name)
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

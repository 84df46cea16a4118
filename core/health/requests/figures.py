"""How requests fared in a time, by its buckets, and in the time before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Float, cast, func, select

from core.health.requests.filters import Filters, conditions, of_class, source
from core.health.requests.models import CLASSES
from core.health.requests.percentiles import QUANTILES, WHOLE, of_all, percentiles
from core.health.requests.window import Window, window
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Reading, read
from core.kernel.rollups import Rollup, RollupWatermark
from core.kernel.times import utc_now

__all__ = ["CLASSES", "Figures", "Report", "report"]

BUCKETS = (WHOLE, "bucket")
_COUNTS = ("requests", "errors", "timed", *CLASSES)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all requests of a time that lasted `minutes`. Durations in ms; what cannot be known is None.

    `errors` are answers with a server error. Durations are those of the `timed` requests: the others did not tell theirs.
    """

    minutes: float
    requests: int = 0
    errors: int = 0
    timed: int = 0
    mean: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None

    @property
    def error_ratio(self) -> float | None:
        return self.errors / self.requests if self.requests else None

    @property
    def per_minute(self) -> float | None:
        return self.requests / self.minutes if self.minutes > 0 else None

    @property
    def untimed(self) -> int:
        return self.requests - self.timed


@dataclass(frozen=True, slots=True)
class Report:
    """A time and the one before it. `counted_at` is when the rollup was last brought up to date, None when never.

    `buckets`: one row per bucket that has begun and is counted, oldest first: bucket (UTC), minutes (of it that are
    counted), requests, errors, timed, status_2xx to status_5xx, error_ratio, mean, p50, p95, p99 (ms); ratio and durations
    are NA where nothing was asked or timed.
    """

    window: Window
    counted_at: datetime | None
    now: Figures
    before: Figures
    buckets: pd.DataFrame


def report(actor: Actor, filters: Filters, since: datetime, until: datetime, *, now: datetime | None = None) -> Report:
    """The figures of a time in whole buckets (see Window), compared with those right before."""
    require(actor, "health:read")
    rollup = source(actor, filters)
    span = window(rollup, since, until, now=now or utc_now())
    with read(actor) as rx:
        counted_at: datetime | None = rx.value(
            select(RollupWatermark.moved_at).where(RollupWatermark.rollup == rollup.name)
        )
        whole, buckets = _both(rx, actor, filters, rollup, span)
        earlier, _ = _both(rx, actor, filters, rollup, span.before, with_buckets=False)
    end = min(span.until, max(counted_at or span.since, span.since))
    return Report(
        span, counted_at, _figures(whole, end - span.since), _figures(earlier, span.until - span.since),
        _each(buckets, span, end),
    )  # fmt: skip


def _both(
    rx: Reading, actor: Actor, filters: Filters, rollup: Rollup, span: Window, *, with_buckets: bool = True
) -> tuple[Mapping[str, Any], pd.DataFrame]:
    """The whole and its buckets: counts, mean and percentiles."""
    where, model = conditions(actor, filters, rollup, span), span.model(rollup)
    counted = rx.frame(_counted(model.__table__.c, rollup, where, by=("bucket",) if with_buckets else ()))
    if not with_buckets:
        parts = [(part.model(rollup), conditions(actor, filters, rollup, part)) for part in span.parts]
        return _summed(counted) | _first(rx.frame(of_all(parts))), counted
    shares = rx.frame(percentiles(model, where, sets=[(), ("bucket",)]))
    whole = _summed(counted) | _first(shares[shares["of"] == WHOLE])
    return whole, counted.merge(shares[shares["of"] == "bucket"].drop(columns="of"), on="bucket", how="left")


def _counted(table: Any, rollup: Rollup, where: list[ColumnElement[bool]], *, by: tuple[str, ...]) -> AnySelect:
    parts = {
        "requests": table.total, "errors": table.errors, "timed": table.timed,
    }  # fmt: skip
    sums = [cast(func.coalesce(func.sum(column), 0), BigInteger).label(name) for name, column in parts.items()]
    sums += [of_class(rollup, table, first).label(name) for name, first in CLASSES.items()]
    took = cast(func.coalesce(func.sum(table.duration_ms_sum), 0), Float).label("took")
    groups = [table[name] for name in by]
    return select(*groups, *sums, took).where(*where).group_by(*groups)


def _summed(counted: pd.DataFrame) -> dict[str, Any]:
    return {name: counted[name].sum() for name in (*_COUNTS, "took")}


def _first(shares: pd.DataFrame) -> dict[str, Any]:
    found = shares.to_dict("records")
    return {name: found[0][name] if found else None for name in QUANTILES}


def _figures(row: Mapping[str, Any], length: timedelta) -> Figures:
    requests, errors, timed = (int(row[name]) for name in ("requests", "errors", "timed"))
    shares = {name: None if pd.isna(row[name]) else float(row[name]) for name in QUANTILES}
    mean = float(row["took"]) / timed if timed else None
    return Figures(length.total_seconds() / 60, requests, errors, timed, mean, **shares)


def _each(buckets: pd.DataFrame, span: Window, end: datetime) -> pd.DataFrame:
    begun = [bucket for bucket in span.buckets if bucket < end]
    every = pd.Index(pd.to_datetime(begun, utc=True).astype("datetime64[us, UTC]"), name="bucket")
    known = buckets.set_index("bucket").reindex(every)
    known[list(_COUNTS)] = known[list(_COUNTS)].fillna(0)
    known["error_ratio"] = known["errors"] / known["requests"].where(known["requests"] > 0)
    known["mean"] = known["took"] / known["timed"].where(known["timed"] > 0)
    known["minutes"] = [min(span.step, end - bucket).total_seconds() / 60 for bucket in begun]
    return known.drop(columns="took").reset_index()

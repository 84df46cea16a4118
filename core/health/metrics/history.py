"""What series said: their rollups over a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Float, cast, func, select

from core.health.metrics.models import METRIC_ROLLUP
from core.health.requests.percentiles import QUANTILES, percentiles
from core.health.requests.window import Window, window
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.kernel.rollups import RollupWatermark
from core.kernel.sketch import ACCURACY, SMALLEST
from core.kernel.times import utc_now

MOST, MOST_SUMMED = 20, 200
_FLOOR = SMALLEST * (1 + 2 * ACCURACY)
BY_BUCKET, BY_SERIES = ("series_id", "bucket"), ("series_id",)


@dataclass(frozen=True, slots=True)
class History:
    """What series said, bucket by bucket, in buckets of `window`.

    `buckets`, oldest first: series_id, bucket (UTC), points, count (observations), sum, mean, min, max, p50, p95, p99,
    sum_rate and count_rate (a second). A percentile is NA where it lies below 0.001, where the sketch does not tell values
    apart; rates are NA for a bucket that has hardly begun. `rolled_up_at` is until when all is in, None when nothing ever was.
    """

    buckets: pd.DataFrame
    window: Window
    rolled_up_at: datetime | None


def history(
    actor: Actor, series_ids: Sequence[UUID], *, since: datetime, until: datetime, now: datetime | None = None
) -> History:
    """The course of series (MOST at most) from `since` to `until` (UTC), in buckets that fit the time."""
    span = window(METRIC_ROLLUP, since, until, now=now or utc_now())
    frame, moved = _read(actor, list(series_ids)[:MOST], span, BY_BUCKET)
    step = span.step.total_seconds()
    past: pd.Series = (pd.Timestamp(moved or utc_now()) - frame["bucket"]).dt.total_seconds().clip(upper=step)
    rated = _with_rates(frame, past.where(past >= step / 10))
    return History(rated.sort_values("bucket", ignore_index=True), span, moved)


def figures(
    actor: Actor, series_ids: Sequence[UUID], *, since: datetime, until: datetime, now: datetime | None = None
) -> pd.DataFrame:
    """One row per series (MOST_SUMMED at most) that said anything: the columns of History.buckets, over the whole time."""
    span = window(METRIC_ROLLUP, since, until, now=now or utc_now())
    frame, moved = _read(actor, list(series_ids)[:MOST_SUMMED], span, BY_SERIES)
    end = min(span.until, moved or span.until)
    length = max((end - span.since).total_seconds(), 1.0)
    return _with_rates(frame, pd.Series(length, index=frame.index))


def rate_of(kind: str) -> str:
    """The column that is the rate of a series of this kind: of a counter its increase, else how often it was observed."""
    return "sum_rate" if kind == "counter" else "count_rate"


def _with_rates(frame: pd.DataFrame, seconds: pd.Series) -> pd.DataFrame:
    rates = {f"{name}_rate": (frame[name].astype("Float64") / seconds.to_numpy()) for name in ("sum", "count")}
    return frame.assign(**rates)


def _read(
    actor: Actor, series_ids: list[UUID], span: Window, by: tuple[str, ...]
) -> tuple[pd.DataFrame, datetime | None]:
    require(actor, "health:read")
    where = _where(span, series_ids)
    mark = select(RollupWatermark.moved_at).where(RollupWatermark.rollup == METRIC_ROLLUP.name)
    with read(actor) as rx:
        sums = rx.frame(_sums(span, where, by))
        shares = rx.frame(percentiles(span.model(METRIC_ROLLUP), where, sets=(by,)))
        moved: datetime | None = rx.value(mark)
    found = sums.merge(shares[[*by, *QUANTILES]], on=list(by), how="left")
    for name in QUANTILES:
        is_told_apart = found[name] > _FLOOR
        found[name] = found[name].where(is_told_apart, found["min"].where(found["min"] == found["max"]))
    return found, moved


def _where(span: Window, series_ids: list[UUID]) -> list[ColumnElement[bool]]:
    table = span.model(METRIC_ROLLUP).__table__.c
    return [table.series_id.in_(series_ids), table.bucket >= span.since, table.bucket < span.until]


def _sums(span: Window, where: Sequence[ColumnElement[bool]], by: tuple[str, ...]) -> AnySelect:
    table = span.model(METRIC_ROLLUP).__table__.c
    figures: tuple[Any, ...] = (
        cast(func.sum(table.total), BigInteger).label("points"), cast(func.sum(table.count_sum), BigInteger).label("count"),
        cast(func.sum(table.value_total_sum), Float).label("sum"),
        cast(func.sum(table.value_total_sum) / func.nullif(func.sum(table.count_sum), 0), Float).label("mean"),
        func.min(table.value_min).label("min"), func.max(table.value_max).label("max"),
    )  # fmt: skip
    columns = [table[name] for name in by]
    return select(*columns, *figures).where(*where).group_by(*columns)

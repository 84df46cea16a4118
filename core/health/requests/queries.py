"""Figures of requests, out of the rollups: their cost does not grow with the number of requests."""

from datetime import datetime
from typing import Any

from sqlalchemy import Float, Select, cast, func, select, true

from core.health.requests.models import REQUEST_ROLLUP, RequestRecord
from core.kernel.models import Base
from core.kernel.sketch import value_sql

QUANTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


def latencies(model: type[Base], since: datetime, until: datetime, *, by: tuple[str, ...] = ()) -> Select[Any]:
    """Percentiles of the duration (ms) as p50, p95, p99: one row, or one per combination of the columns `by`.

    NULL when nothing was asked in that time.
    """
    table = model.__table__.c
    held = func.unnest(table.sketch_keys, table.sketch_counts).table_valued("key", "count").render_derived()
    groups = [table[name] for name in by]
    merged = (
        select(*groups, held.c.key, func.sum(held.c.count).label("count")).select_from(model).join(held, true())
        .where(table.bucket >= since, table.bucket < until).group_by(*groups, held.c.key).subquery()
    )  # fmt: skip
    parts = [merged.c[name] for name in by]
    below = func.sum(merged.c.count).over(partition_by=parts or None, order_by=merged.c.key)
    ranked = select(
        *parts, merged.c.key, below.label("below"), func.sum(merged.c.count).over(partition_by=parts or None).label("all")
    ).subquery()
    figures = [
        value_sql(cast(func.min(ranked.c.key).filter(ranked.c.below >= share * ranked.c.all), Float)).label(name)
        for name, share in QUANTILES.items()
    ]
    return select(*(ranked.c[name] for name in by), *figures).group_by(*(ranked.c[name] for name in by))

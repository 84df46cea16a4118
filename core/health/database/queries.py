"""Reads of PostgreSQL's figures."""

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Float, cast, func, select

from core.health.database.models import DATABASE_ROLLUP, DatabaseMetric
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.rollups import Grain


def latest(actor: Actor) -> dict[str, Any] | None:
    """The last reading, with the columns of DatabaseMetric; None when there is none."""
    require(actor, "health:read")
    with read(actor) as rx:
        row = rx.one(select(DatabaseMetric.__table__).order_by(DatabaseMetric.measured_at.desc()).limit(1))
    return row._asdict() if row else None


def history(actor: Actor, *, since: datetime, until: datetime, grain: Grain = "minute") -> pd.DataFrame:
    """One row per minute, hour or day with a reading, oldest first: bucket (UTC), connections, transactions_rate (per second),
    cache_hit_ratio (means), longest_query_s (the longest)."""
    require(actor, "health:read")
    table = DATABASE_ROLLUP.model(grain).__table__.c
    means = (
        cast(table.connections_sum / table.total, Float).label("connections"),
        cast(table.transactions_rate_sum / func.nullif(table.transactions_rate_count, 0), Float).label(
            "transactions_rate"
        ),
        cast(table.cache_hit_ratio_sum / func.nullif(table.cache_hit_ratio_count, 0), Float).label("cache_hit_ratio"),
    )
    wanted = select(table.bucket, *means, table.longest_query_s_max.label("longest_query_s"))
    with read(actor) as rx:
        return rx.frame(wanted.where(table.bucket >= since, table.bucket < until).order_by(table.bucket))

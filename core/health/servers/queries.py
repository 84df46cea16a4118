"""Reads of hosts: the list, one host now, its last 24 hours."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Float, Row, Select, cast, func, select, true

from core.health.servers.models import SERVER_ROLLUP, Server, ServerMetric
from core.health.servers.rules import state_of
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.rollups import Grain
from core.kernel.times import utc_now

FIGURES = (
    "measured_at", "cpu_ratio", "core_ratios", "load_average", "memory_ratio", "memory_used_bytes", "memory_total_bytes",
    "swap_used_bytes", "disks", "disk_ratio", "network_in_rate", "network_out_rate", "open_connections",
)  # fmt: skip
ALWAYS = ("cpu_ratio", "memory_ratio")
SOMETIMES = ("disk_ratio", "network_in_rate", "network_out_rate", "open_connections", "load_average")


def _with_last() -> Select[Any]:
    metric = ServerMetric.__table__.c
    last = (
        select(*(metric[name] for name in FIGURES)).where(ServerMetric.server_id == Server.id)
        .order_by(ServerMetric.measured_at.desc()).limit(1).lateral("last")
    )  # fmt: skip
    about = (Server.id, Server.name, Server.is_demo, Server.facts, Server.first_seen_at, Server.last_seen_at)
    return select(*about, *last.c).outerjoin(last, true())


def servers(actor: Actor) -> list[dict[str, Any]]:
    """Every host with its last figures (see ServerMetric; None when there are none), real ones first, then by name.

    `state` is reporting, late or silent; the figures of a host that does not report are those of `measured_at`.
    """
    require(actor, "health:read")
    with read(actor) as rx:
        rows = rx.rows(_with_last().order_by(Server.is_demo, Server.name))
    return [_told(row) for row in rows]


def _told(row: Row[Any]) -> dict[str, Any]:
    return {**row._mapping, "state": state_of(row.last_seen_at, utc_now(), is_demo=row.is_demo)}


def one(actor: Actor, server_id: UUID) -> dict[str, Any]:
    """One host, as in `servers`. Raises NotFound."""
    require(actor, "health:read")
    with read(actor) as rx:
        row = rx.one(_with_last().where(Server.id == server_id))
    if row is None:
        raise NotFound("This server is not known here. Go back to the list.")
    return _told(row)


def history(
    actor: Actor, server_id: UUID, *, since: datetime, until: datetime, grain: Grain = "minute"
) -> pd.DataFrame:  # fmt: skip
    """One row per minute, hour or day with a report, oldest first: bucket (UTC), the means of the figures, cpu_ratio_max."""
    require(actor, "health:read")
    table = SERVER_ROLLUP.model(grain).__table__.c
    counts = dict.fromkeys(ALWAYS, table.total) | {name: table[f"{name}_count"] for name in SOMETIMES}
    means = [cast(table[f"{name}_sum"] / func.nullif(number, 0), Float).label(name) for name, number in counts.items()]
    wanted = select(table.bucket, *means, table.cpu_ratio_max).where(
        table.server_id == server_id, table.bucket >= since, table.bucket < until
    )
    with read(actor) as rx:
        return rx.frame(wanted.order_by(table.bucket))


def recent(actor: Actor, server_id: UUID, *, length: timedelta = timedelta(minutes=10)) -> pd.DataFrame:
    """Every report of the last minutes, oldest first: measured_at (UTC), cpu_ratio, memory_ratio, network_in_rate,
    network_out_rate."""
    require(actor, "health:read")
    metric = ServerMetric
    columns = (
        metric.measured_at,
        metric.cpu_ratio,
        metric.memory_ratio,
        metric.network_in_rate,
        metric.network_out_rate,
    )
    reports = select(*columns).where(metric.server_id == server_id, metric.measured_at >= utc_now() - length)
    with read(actor) as rx:
        return rx.frame(reports.order_by(metric.measured_at))

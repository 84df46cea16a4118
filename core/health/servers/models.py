"""Hosts and their figures."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Float, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Uuid

from core.kernel.models import Base, Identified, TransactionId, uuid7
from core.kernel.rollups import Dimension, Rollup


class Server(Identified, Base):
    """A host that reports. `facts`: system, processor, cores, memory_bytes, booted_at (ISO 8601)."""

    __tablename__ = "server"
    __resource__ = "health"
    __observation__ = True

    name: Mapped[str] = mapped_column(unique=True)
    facts: Mapped[dict[str, Any]]
    is_demo: Mapped[bool] = mapped_column(default=False)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class ServerMetric(Base):
    """One host at one moment: ratios from 0 to 1, bytes, bytes per second; NULL is not known.

    `disks`: mount, total_bytes, used_bytes, used_ratio of each.
    """

    __tablename__ = "server_metric"
    __resource__ = "health"
    __observation__ = True
    __table_args__ = (
        Index("ix_server_metric_xid", "xid"),
        Index("ix_server_metric_server", "server_id", text("measured_at DESC")),
        {"postgresql_partition_by": "RANGE (measured_at)"},
    )

    measured_at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    server_id: Mapped[UUID]
    cpu_ratio: Mapped[float]
    core_ratios: Mapped[list[Any]] = mapped_column(ARRAY(Float))
    load_average: Mapped[float | None]
    memory_total_bytes: Mapped[int]
    memory_used_bytes: Mapped[int]
    memory_ratio: Mapped[float]
    swap_used_bytes: Mapped[int]
    disks: Mapped[list[Any]]
    disk_ratio: Mapped[float | None]
    network_in_rate: Mapped[float | None]
    network_out_rate: Mapped[float | None]
    open_connections: Mapped[int | None]


AVERAGED = (
    "cpu_ratio", "memory_ratio", "disk_ratio", "network_in_rate", "network_out_rate", "open_connections", "load_average",
)  # fmt: skip

SERVER_ROLLUP = Rollup(
    "server_rollup", ServerMetric, "measured_at", "health",
    dimensions=(Dimension("server_id", Uuid()),),
    sums=AVERAGED,
    maxima=("cpu_ratio", "memory_ratio", "disk_ratio"),
    counts={f"{one}_count": f"source.{one} IS NOT NULL" for one in AVERAGED[2:]},
)  # fmt: skip

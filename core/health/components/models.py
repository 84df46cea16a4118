"""Checks of what the portal runs on."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.health.components.rules import STATUSES
from core.kernel.models import Base, TransactionId, uuid7
from core.kernel.rollups import Dimension, Rollup


class ComponentCheck(Base):
    """One check of one component. `latency_ms` is NULL where there is nothing to time or no answer came.

    The component `overall` sums up each round of checks.
    """

    __tablename__ = "component_check"
    __resource__ = "health"
    __observation__ = True
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        Index("ix_component_check_xid", "xid"),
        Index("ix_component_check_component", "component", text("at DESC")),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    component: Mapped[str]
    status: Mapped[str]
    latency_ms: Mapped[float | None]
    detail: Mapped[str]


COMPONENT_ROLLUP = Rollup(
    "component_rollup", ComponentCheck, "at", "health",
    dimensions=(Dimension("component", Text()), Dimension("status", Text())),
    sums=("latency_ms",),
    maxima=("latency_ms",),
    counts={"latency_ms_count": "source.latency_ms IS NOT NULL"},
)  # fmt: skip

"""What is remembered of streams of running totals."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base


class MetricStream(Base):
    """The last point of a stream: one writer's series since one start (1970 where the writer does not say).

    `value` is the running total, of a distribution its sum; `buckets` are a distribution's counts. `at` is NULL until the
    first point is counted, in the same transaction.
    """

    __tablename__ = "metric_stream"
    __resource__ = "telemetry"
    __observation__ = True
    __table_args__ = (Index("ix_metric_stream_seen_at", "seen_at"),)

    stream_id: Mapped[UUID] = mapped_column(primary_key=True)
    start_at: Mapped[datetime] = mapped_column(primary_key=True)
    at: Mapped[datetime | None]
    value: Mapped[Decimal | None] = mapped_column(Numeric)
    buckets: Mapped[dict[str, Any] | None]
    seen_at: Mapped[datetime]

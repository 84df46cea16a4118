"""What happened to the messages that the product sends through providers."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, TransactionId, uuid7
from core.kernel.rollups import GRAINS, Dimension, Rollup

STATUSES = ("sent", "delivered", "failed")


class MessageEvent(Base):
    """A message was sent, delivered, or failed. `cost` in `currency`, NULL where it was not told: unpriced is not free."""

    __tablename__ = "message_event"
    __resource__ = "health"
    __observation__ = True
    __table_args__ = (
        CheckConstraint(f"status IN ({', '.join(repr(status) for status in STATUSES)})", name="status"),
        Index("ix_message_event_xid", "xid"),
        Index("ix_message_event_provider", "provider", "channel", text("at DESC")),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    tenant_id: Mapped[UUID | None]
    provider: Mapped[str]
    channel: Mapped[str]
    status: Mapped[str]
    duration_ms: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
    cost: Mapped[Decimal | None] = mapped_column(Numeric(18, 8))
    currency: Mapped[str | None]
    message_id: Mapped[str | None]
    error: Mapped[str | None]


_BY = (Dimension("provider", Text()), Dimension("channel", Text()), Dimension("currency", Text()))
_MEASURES: dict[str, Any] = {
    "sums": ("duration_ms", "cost"), "maxima": ("duration_ms",), "sketch": "duration_ms",
    "counts": {status: f"source.status = '{status}'" for status in STATUSES}
    | {"timed": "source.duration_ms IS NOT NULL", "priced": "source.cost IS NOT NULL"},
}  # fmt: skip

MESSAGE_ROLLUP = Rollup(
    "message_rollup", MessageEvent, "at", "health",
    dimensions=(Dimension("tenant_id", Uuid()), *_BY), kept_days={"minute": 7, "hour": 400}, **_MEASURES,
)  # fmt: skip
PROVIDER_ROLLUP = Rollup("provider_rollup", MessageEvent, "at", "health", dimensions=_BY, **_MEASURES)

for _grain in GRAINS:
    _table = MESSAGE_ROLLUP.model(_grain).__table__
    Index(f"ix_{MESSAGE_ROLLUP.name}_{_grain}_tenant_id", _table.c.tenant_id, _table.c.bucket)

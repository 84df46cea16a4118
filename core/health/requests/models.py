"""What the portal was asked, by people and by machines."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, Index, Numeric, SmallInteger, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, TransactionId, uuid7
from core.kernel.rollups import Dimension, Rollup


class RequestRecord(Base):
    """One page run or HTTP call. `channel`: page (a run of a page's script), api, or web (files, the pages' shell).

    `status` is the HTTP status, of a page run what it amounts to.
    """

    __tablename__ = "request_record"
    __resource__ = "health"
    __observation__ = True
    __table_args__ = (
        Index("ix_request_record_xid", "xid"),
        Index("ix_request_record_request_id", "request_id"),
        Index("ix_request_record_operators", "at", "operator_id", postgresql_where=text("operator_id IS NOT NULL")),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    channel: Mapped[str]
    route: Mapped[str]
    method: Mapped[str]
    status: Mapped[int] = mapped_column(SmallInteger)
    duration_ms: Mapped[Decimal] = mapped_column(Numeric(12, 3))
    is_error: Mapped[bool]
    operator_id: Mapped[UUID | None]
    key_id: Mapped[UUID | None]
    tenant_id: Mapped[UUID | None]
    request_id: Mapped[str]


REQUEST_ROLLUP = Rollup(
    "request_rollup", RequestRecord, "at", "health",
    dimensions=(
        Dimension("tenant_id", Uuid()),
        Dimension("channel", Text()),
        Dimension("route", Text()),
        Dimension("status_class", BigInteger(), "source.status / 100"),
    ),
    sums=("duration_ms",),
    maxima=("duration_ms",),
    minima=("duration_ms",),
    counts={"errors": "source.is_error"},
    sketch="duration_ms",
)  # fmt: skip

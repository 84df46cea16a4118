"""Errors that nobody expected."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, TransactionId, uuid7
from core.kernel.rollups import GRAINS, Dimension, Rollup


class ErrorRecord(Base):
    """One error with its trace. Errors of one cause share a `fingerprint`; `request_id` is the trace id of what was traced."""

    __tablename__ = "error_record"
    __resource__ = "errors"
    __observation__ = True
    __table_args__ = (
        Index("ix_error_record_xid", "xid"),
        Index("ix_error_record_fingerprint", "fingerprint", text("at DESC")),
        Index("ix_error_record_request_id", "request_id"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    service: Mapped[str] = mapped_column(server_default="portal")
    tenant_id: Mapped[UUID | None]
    fingerprint: Mapped[str]
    type: Mapped[str]
    message: Mapped[str]
    trace: Mapped[str]
    route: Mapped[str]
    request_id: Mapped[str]
    operator_id: Mapped[UUID | None]


class ErrorGroup(Base):
    """The errors of one fingerprint: what the first of them said, and between which moments they were seen."""

    __tablename__ = "error_group"
    __resource__ = "errors"
    __observation__ = True
    __table_args__ = (Index("ix_error_group_last_seen_at", "last_seen_at"),)

    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    service: Mapped[str]
    type: Mapped[str]
    message: Mapped[str]
    route: Mapped[str]
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


ERROR_ROLLUP = Rollup(
    "error_rollup", ErrorRecord, "at", "errors",
    dimensions=(Dimension("fingerprint", Text()), Dimension("service", Text()), Dimension("tenant_id", Uuid())),
)  # fmt: skip
# How often, whoever was hit: the one above has as many rows of a cause as it hit tenants.
CAUSE_ROLLUP = Rollup(
    "cause_rollup",
    ErrorRecord,
    "at",
    "errors",
    dimensions=(Dimension("fingerprint", Text()), Dimension("service", Text())),
)

for _rollup in (ERROR_ROLLUP, CAUSE_ROLLUP):
    for _grain in GRAINS:
        _table = _rollup.model(_grain).__table__
        Index(f"ix_{_rollup.name}_{_grain}_fingerprint", _table.c.fingerprint, _table.c.bucket)

"""Errors that nobody expected."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, TransactionId, uuid7


class ErrorRecord(Base):
    """One error with its trace. Errors of one cause share a `fingerprint`."""

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
    fingerprint: Mapped[str]
    type: Mapped[str]
    message: Mapped[str]
    trace: Mapped[str]
    route: Mapped[str]
    request_id: Mapped[str]
    operator_id: Mapped[UUID | None]

"""The outbox: every committed action leaves one event per tenant, in the same transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, TransactionId


class Event(Base):
    """What happened. Its id is that of the audit entry of the same action and tenant."""

    __tablename__ = "event"
    __resource__ = "events"
    __table_args__ = (Index("ix_event_order", "xid", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    type: Mapped[str]
    tenant_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    request_id: Mapped[str]
    occurred_at: Mapped[datetime]

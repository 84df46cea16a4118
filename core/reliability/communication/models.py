"""What is told about incidents: templates, messages, and each delivery."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

CHANNELS = ("status_page", "mail", "slack")
AUDIENCES = ("affected", "all", "tenants", "internal", "public")
STATUSES = ("draft", "waiting", "approved", "sent", "cancelled")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class MessageTemplate(Identified, Stamped, Versioned, Base):
    """A prepared text with placeholders ({{incident.title}} ...), for one channel and, where given, one state of an incident."""

    __tablename__ = "message_template"
    __resource__ = "incidents"
    __table_args__ = (_one_of("channel", CHANNELS), Index("uq_message_template_name", text("lower(name)"), unique=True))

    name: Mapped[str]
    channel: Mapped[str]
    status: Mapped[str | None]  # of the incident
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    archived_at: Mapped[datetime | None]


class IncidentMessage(Identified, Stamped, Versioned, Base):
    """One word to many. `incident_status` is what the status page shows beside it. SEV1 waits until somebody else approved it.

    `tenant_ids` are the audience `tenants`, or the affected ones as they were when it was sent.
    """

    __tablename__ = "incident_message"
    __resource__ = "incidents"
    __table_args__ = (
        _one_of("channel", CHANNELS),
        _one_of("audience", AUDIENCES),
        _one_of("status", STATUSES),
        Index("ix_incident_message_of", "incident_id", "created_at", "id"),
        Index("ix_incident_message_sent", "sent_at", postgresql_where=text("status = 'sent'")),
        Index("ix_incident_message_waiting", "created_at", postgresql_where=text("status = 'waiting'")),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    channel: Mapped[str]
    audience: Mapped[str]
    tenant_ids: Mapped[list[UUID]] = mapped_column(default=list)
    channel_ids: Mapped[list[UUID]] = mapped_column(default=list)  # alert channels, of slack
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    incident_status: Mapped[str]
    components: Mapped[dict[str, Any]] = mapped_column(default=dict)  # component id -> state shown from then on
    next_update_minutes: Mapped[int | None]  # after sending
    status: Mapped[str] = mapped_column(default="draft")
    written_by: Mapped[UUID | None]
    written_by_name: Mapped[str]
    author_ids: Mapped[list[UUID]] = mapped_column(default=list)  # everybody who wrote on it: none of them approves
    approved_by: Mapped[UUID | None]
    approved_by_name: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class MessageDelivery(Identified, Base):
    """One message to one recipient, and what became of it: the log of what was sent to whom."""

    __tablename__ = "incident_delivery"
    __resource__ = "incidents"
    __observation__ = True
    __table_args__ = (
        CheckConstraint("outcome IN ('queued', 'sent', 'failed', 'no mail server', 'no recipient')", name="outcome"),
        Index("uq_incident_delivery_recipient", "message_id", "recipient", unique=True),
        Index("ix_incident_delivery_queued", "at", "id", postgresql_where=text("outcome = 'queued'")),
        Index("ix_incident_delivery_tenant_id", "tenant_id", postgresql_where=text("tenant_id IS NOT NULL")),
    )

    message_id: Mapped[UUID] = mapped_column(ForeignKey("incident_message.id"))
    tenant_id: Mapped[UUID | None]
    channel_id: Mapped[UUID | None]
    recipient: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utc_now)
    outcome: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(server_default="0")
    claimed_at: Mapped[datetime | None]  # by a sender, which lets it go again or has died
    error: Mapped[str | None]
    finished_at: Mapped[datetime | None]

"""What was mailed for a ticket, and what came by mail. Facts of the moment: the ticket's own actions are what is audited."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified
from core.kernel.times import utc_now

KINDS = ("created", "reply", "resolved", "assigned", "received", "mentioned", "nps")
OUTCOMES = ("queued", "sent", "failed", "bounced", "no mail server", "dropped")
ARRIVALS = ("received", "created", "ignored", "failed")


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(one) for one in values)})"


class TicketMail(Identified, Base):
    """One mail to one address. Its text is made when it is sent; its Message-ID is the id of this row.

    `event_id` is the event that it tells of: of one event, each address gets one mail of a kind. A mail of kind nps is
    about no ticket. `dropped` is what must not be sent any more, such as a message that is internal.
    """

    __tablename__ = "ticket_mail"
    __resource__ = "tickets"
    __observation__ = True
    __table_args__ = (
        CheckConstraint(_in("kind", KINDS), name="kind"),
        CheckConstraint(_in("outcome", OUTCOMES), name="outcome"),
        Index("uq_ticket_mail_event", "event_id", "kind", "recipient", unique=True),
        Index("ix_ticket_mail_of", "ticket_id", "queued_at"),
        Index("ix_ticket_mail_tenant_id", "tenant_id"),
        Index("ix_ticket_mail_survey", "survey_id", postgresql_where=text("survey_id IS NOT NULL")),
    )

    event_id: Mapped[UUID]
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"))
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket_message.id"))
    survey_id: Mapped[UUID | None] = mapped_column(ForeignKey("survey.id"))
    kind: Mapped[str]
    recipient: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="queued")
    error: Mapped[str | None]
    queued_at: Mapped[datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[datetime | None]


class InboundMail(Identified, Base):
    """A mail that came, once per Message-ID, with what became of it; of an ignored one, why.

    `mail_id` is the Message-ID without brackets, or a digest of the mail where it has none.
    """

    __tablename__ = "inbound_mail"
    __resource__ = "tickets"
    __observation__ = True
    __table_args__ = (
        CheckConstraint(_in("outcome", ARRIVALS), name="outcome"),
        CheckConstraint("via IN ('api', 'imap')", name="via"),
        Index("ix_inbound_mail_received", "received_at", "id"),
        Index("ix_inbound_mail_ticket", "ticket_id", "received_at", postgresql_where=text("ticket_id IS NOT NULL")),
        Index("ix_inbound_mail_tenant_id", "tenant_id"),
    )

    mail_id: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"))
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    sender: Mapped[str]
    subject: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str | None]
    via: Mapped[str]
    size_bytes: Mapped[int]
    refused_files: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime] = mapped_column(default=utc_now)

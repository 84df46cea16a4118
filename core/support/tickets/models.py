"""Tickets, their messages and their event log. Fields after iris section 5."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

STATUSES = ("open", "in_progress", "waiting", "resolved", "closed", "reopened")
ACTIVE = ("open", "in_progress", "waiting", "reopened")
PRIORITIES = ("urgent", "high", "medium", "low")
CHANNELS = ("portal", "email", "api", "phone", "import")
# What of a ticket the log speaks of; the clock reads created, status, priority, reply, customer and terms.
KINDS = (
    "created", "status", "priority", "category", "assignee", "team", "tags", "subject", "reply", "customer", "note", "merged",
    "linked", "unlinked", "terms", "attached", "watched", "level", "escalated", "rated",
)  # fmt: skip

# What figures ask of a ticket, so that an index alone answers.
_ABOUT = ["id", "tenant_id", "created_at", "priority", "team_id", "assignee_id", "assignee_label"]


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(one) for one in values)})"


class TicketCounter(Base):
    """The one row that hands out numbers, locked until the ticket is stored: no number is lost or given twice."""

    __tablename__ = "ticket_counter"
    __resource__ = "tickets"
    __observation__ = True

    id: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


class Ticket(Identified, Stamped, Versioned, Base):
    """`number` is shown with the prefix of the settings. `status` open is nobody's yet; assigning it starts progress.

    A ticket without a tenant came from an address that nobody knows. `due_at` is the first of its running clocks to end,
    `sla_state` the gravest of them: none, ok, warned, breached, paused, or met and missed once it is over.
    """

    __tablename__ = "ticket"
    __resource__ = "tickets"
    __table_args__ = (
        CheckConstraint(_in("status", STATUSES), name="status"),
        CheckConstraint(_in("priority", PRIORITIES), name="priority"),
        CheckConstraint(_in("channel", CHANNELS), name="channel"),
        Index("ix_ticket_created", "created_at", "id"),
        Index("ix_ticket_queue", "status", "created_at", "id"),
        Index("ix_ticket_due", "due_at", "id"),
        Index("ix_ticket_updated", "updated_at", "id"),
        Index("ix_ticket_merged", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
        Index("ix_ticket_assignee", "assignee_id", "status", "created_at"),
        Index("ix_ticket_team", "team_id", "status", "created_at"),
        Index("ix_ticket_tenant", "tenant_id", "created_at"),
        Index("ix_ticket_requester", "requester_id"),
        *(
            Index(name, column, postgresql_include=_ABOUT, postgresql_where=text(f"{column} IS NOT NULL"))
            for name, column in (("ix_ticket_resolved", "resolved_at"), ("ix_ticket_answered", "first_response_at"))
        ),
        Index("ix_ticket_came", "created_at", postgresql_include=["tenant_id", "status", "resolved_at"]),
        Index("ix_ticket_kinds", "status", "priority", "category", postgresql_include=["tenant_id"]),
        Index("ix_ticket_tags", "tags", postgresql_using="gin"),
        Index("ix_ticket_words", text("qd_text((subject || ' ') || description)"), postgresql_using="gin"),
        Index(
            "ix_ticket_people",
            text("qd_words((requester_name || ' ') || coalesce(requester_email, ''))"),
            postgresql_using="gin",
        ),
        Index("ix_ticket_correlation_id", "correlation_id", postgresql_where=text("correlation_id IS NOT NULL")),
        Index("uq_ticket_external_id", "external_id", unique=True, postgresql_where=text("external_id IS NOT NULL")),
        Index("uq_ticket_mail_id", "mail_id", unique=True, postgresql_where=text("mail_id IS NOT NULL")),
    )

    number: Mapped[int] = mapped_column(unique=True)
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    requester_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant_user.id"))
    requester_name: Mapped[str]
    requester_email: Mapped[str | None]
    subject: Mapped[str]
    description: Mapped[str] = mapped_column(info={"secret": True})  # the ticket keeps it; the audit trail need not
    status: Mapped[str] = mapped_column(default="open")
    priority: Mapped[str] = mapped_column(default="medium")
    category: Mapped[str | None]
    channel: Mapped[str] = mapped_column(default="portal")
    tags: Mapped[list[str]] = mapped_column(default=list)
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("operator.id"))
    assignee_label: Mapped[str | None]  # of an imported ticket: who had it, where that is no operator
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("support_team.id"))
    correlation_id: Mapped[str | None]
    external_id: Mapped[str | None]
    mail_id: Mapped[str | None]  # Message-ID of the mail that opened it
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"))
    terms_id: Mapped[UUID | None] = mapped_column(ForeignKey("sla_terms.id"))
    first_response_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reopen_count: Mapped[int] = mapped_column(default=0)
    last_customer_at: Mapped[datetime | None]
    last_agent_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    sla_state: Mapped[str] = mapped_column(default="none")


class TicketMessage(Identified, Base):
    """A message is never edited. `is_internal` ones are for operators alone and are never sent."""

    __tablename__ = "ticket_message"
    __resource__ = "tickets"
    __table_args__ = (
        CheckConstraint("author_kind IN ('customer', 'agent', 'system')", name="author_kind"),
        CheckConstraint("NOT (is_internal AND author_kind = 'customer')", name="internal"),
        Index("ix_ticket_message_of", "ticket_id", "created_at", "id"),
        Index("ix_ticket_message_words", text("qd_text(body)"), postgresql_using="gin"),
        Index("uq_ticket_message_mail_id", "mail_id", unique=True, postgresql_where=text("mail_id IS NOT NULL")),
        Index("ix_ticket_message_tenant_id", "tenant_id"),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    author_kind: Mapped[str]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str]
    body: Mapped[str] = mapped_column(info={"secret": True})
    is_internal: Mapped[bool] = mapped_column(default=False)
    mentions: Mapped[list[UUID]] = mapped_column(default=list)
    mail_id: Mapped[str | None]  # Message-ID of the mail that brought or carried it
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class TicketEvent(Identified, Base):
    """What happened to a ticket, in order of `at`, then `id`. Only ever added to: clocks are computed from it."""

    __tablename__ = "ticket_event"
    __resource__ = "tickets"
    __table_args__ = (
        CheckConstraint(_in("kind", KINDS), name="kind"),
        Index("ix_ticket_event_of", "ticket_id", "at", "id"),
        Index("ix_ticket_event_at", "at", postgresql_using="brin"),
        Index("ix_ticket_event_tenant_id", "tenant_id"),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    kind: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class TicketView(Base):
    """When an operator last had a ticket open: who is looking now, and what is unread since."""

    __tablename__ = "ticket_view"
    __resource__ = "tickets"
    __observation__ = True
    __table_args__ = (Index("ix_ticket_view_of", "ticket_id", "seen_at"),)

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"), primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    seen_at: Mapped[datetime]


class TicketAttachment(Identified, Base):
    """A file that came with a ticket or a message; of no ticket yet while it is being written about.

    The content lies in the data folder under its digest, whatever the file was called.
    """

    __tablename__ = "ticket_attachment"
    __resource__ = "tickets"
    __table_args__ = (
        Index("ix_ticket_attachment_of", "ticket_id", "message_id"),
        Index("ix_ticket_attachment_digest", "digest"),
        Index("ix_ticket_attachment_unused", "created_at", postgresql_where=text("ticket_id IS NULL")),
    )

    ticket_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket.id"))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket_message.id"))
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    added_by: Mapped[UUID | None]
    added_by_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class TicketWatcher(Base):
    """An operator who is told of a ticket that is not his: by choice, or because somebody mentioned him."""

    __tablename__ = "ticket_watcher"
    __resource__ = "tickets"
    __table_args__ = (CheckConstraint("why IN ('chosen', 'mentioned')", name="why"),)

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"), primary_key=True, index=True)
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    why: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class TicketLink(Identified, Base):
    """What a ticket has to do with: `target` is the id of another ticket, an incident or an alert, or an error's fingerprint."""

    __tablename__ = "ticket_link"
    __resource__ = "tickets"
    __table_args__ = (
        CheckConstraint("kind IN ('ticket', 'incident', 'alert', 'error')", name="kind"),
        Index("uq_ticket_link_target", "ticket_id", "kind", "target", unique=True),
        Index("ix_ticket_link_target", "kind", "target"),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"))
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    kind: Mapped[str]
    target: Mapped[str]
    created_by_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class TicketDraft(Base):
    """What an operator has begun to write on a ticket and not sent. Nobody else's to see."""

    __tablename__ = "ticket_draft"
    __resource__ = "tickets"
    __observation__ = True
    __table_args__ = (Index("ix_ticket_draft_ticket_id", "ticket_id"),)

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"), primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    body: Mapped[str]
    is_internal: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime]


class TicketMacro(Identified, Stamped, Versioned, Base):
    """A prepared answer, with what else it sets. `tags` are added to the ticket's."""

    __tablename__ = "ticket_macro"
    __resource__ = "tickets"
    __table_args__ = (
        Index("uq_ticket_macro_name", text("lower(name)"), unique=True),
        CheckConstraint("status IS NULL OR status IN ('in_progress', 'waiting', 'resolved')", name="status"),
        CheckConstraint(f"priority IS NULL OR {_in('priority', PRIORITIES)}", name="priority"),
    )

    name: Mapped[str]
    body: Mapped[str]
    is_internal: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str | None]
    priority: Mapped[str | None]
    tags: Mapped[list[str]] = mapped_column(default=list)
    archived_at: Mapped[datetime | None]

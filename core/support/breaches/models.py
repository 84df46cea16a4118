"""What was found of a clock's levels, and the mails that tell of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified
from core.kernel.times import utc_now

OUTCOMES = ("queued", "sent", "failed", "no mail server")


class TicketLevelAlert(Identified, Base):
    """A level that a clock has reached; one per cycle of the clock and level, whatever is started again.

    A cycle is what ran from `cycle_at` towards `target_s`. Team and assignee are those of that moment. `told_at` is NULL
    until a digest was made of it.
    """

    __tablename__ = "ticket_level_alert"
    __resource__ = "tickets"
    __observation__ = True
    __table_args__ = (
        Index("uq_ticket_level_alert_cycle", "ticket_id", "target", "cycle_at", "target_s", "level", unique=True),
        Index("ix_ticket_level_alert_breach", "at", "id", postgresql_where=text("level = 100")),
        Index("ix_ticket_level_alert_at", "at"),
        # Half of a page is left for the same rows once they are told of, so that no index is touched by it.
        {"postgresql_with": {"fillfactor": "50"}},
    )

    # Without foreign keys: a look at 100,000 tickets would check 200,000 of them. Both come from the clock's own row.
    ticket_id: Mapped[UUID]
    tenant_id: Mapped[UUID | None]
    target: Mapped[str]
    cycle_at: Mapped[datetime]
    target_s: Mapped[int]
    level: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime | None]
    assignee_id: Mapped[UUID | None]
    team_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(default=utc_now)
    told_at: Mapped[datetime | None]


class TicketDigest(Identified, Base):
    """One mail to one operator: all that a look found, or one ticket that somebody escalated.

    `levels` counts by level; `items` are the gravest, each with ticket_id, target, level and due_at: the mail's words are
    looked up when it is sent, so that nothing of a ticket is kept here. `claimed_at` is when a sender last took it.
    """

    __tablename__ = "ticket_digest"
    __resource__ = "tickets"
    __observation__ = True
    __table_args__ = (
        CheckConstraint("kind IN ('levels', 'escalated')", name="kind"),
        CheckConstraint(f"outcome IN ({', '.join(repr(one) for one in OUTCOMES)})", name="outcome"),
        Index("ix_ticket_digest_queued", "at", "id", postgresql_where=text("outcome = 'queued'")),
        Index("ix_ticket_digest_at", "at"),
        Index("ix_ticket_digest_operator_id", "operator_id"),
    )

    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"))
    kind: Mapped[str] = mapped_column(default="levels")
    at: Mapped[datetime] = mapped_column(default=utc_now)
    levels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    items: Mapped[list[Any]] = mapped_column(default=list)
    note: Mapped[str | None]
    outcome: Mapped[str] = mapped_column(default="queued")
    error: Mapped[str | None]
    claimed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

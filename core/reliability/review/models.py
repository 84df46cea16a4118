"""What was learned: root cause, post-mortem and action items."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned


class PostMortem(Stamped, Versioned, Base):
    """One of each incident. `whys` are up to five answers, each to the one before; `factors` are
    [{"kind": "process", "text": ...}, ...]."""

    __tablename__ = "post_mortem"
    __resource__ = "incidents"
    __table_args__ = (CheckConstraint("status IN ('draft', 'review', 'approved')", name="status"),)

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    status: Mapped[str] = mapped_column(default="draft")
    summary: Mapped[str] = mapped_column(default="")
    whys: Mapped[list[str]] = mapped_column(default=list)
    factors: Mapped[list[Any]] = mapped_column(default=list)
    went_well: Mapped[str] = mapped_column(default="")
    went_wrong: Mapped[str] = mapped_column(default="")
    was_lucky: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("operator.id"))
    reviewed_by: Mapped[UUID | None]
    reviewed_by_name: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    review_note: Mapped[str] = mapped_column(default="")


class ActionItem(Identified, Stamped, Versioned, Base):
    """What is to do so that it does not happen again."""

    __tablename__ = "action_item"
    __resource__ = "incidents"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'done', 'cancelled')", name="status"),
        CheckConstraint("priority IN ('high', 'medium', 'low')", name="priority"),
        Index("ix_action_item_incident", "incident_id"),
        Index("ix_action_item_due", "due_on", "id", postgresql_where=text("status = 'open'")),
        Index("ix_action_item_owner", "owner_id", "status"),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    title: Mapped[str]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("operator.id"))
    due_on: Mapped[date | None]
    priority: Mapped[str] = mapped_column(default="medium")
    status: Mapped[str] = mapped_column(default="open")
    note: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]
    done_by_name: Mapped[str | None]

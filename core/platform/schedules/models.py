"""Ticks that were taken, when the next ones are due, and pauses."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified
from core.kernel.times import utc_now


class ScheduleRun(Identified, Base):
    """One tick. Its uniqueness is what keeps two schedulers from taking the same tick.

    `job_id` is None when the job of an earlier tick was still waiting. `asked_by` is the operator of a run out of turn.
    """

    __tablename__ = "schedule_run"
    __resource__ = "jobs"
    __observation__ = True
    __table_args__ = (UniqueConstraint("schedule", "due_at"), Index("ix_schedule_run_ticked_at", "ticked_at"))

    schedule: Mapped[str]
    due_at: Mapped[datetime]
    ticked_at: Mapped[datetime] = mapped_column(default=utc_now)
    job_id: Mapped[int | None]
    asked_by: Mapped[UUID | None]


class ScheduleState(Base):
    """What the leading scheduler last said of a schedule: when it is due next."""

    __tablename__ = "schedule_state"
    __resource__ = "jobs"
    __observation__ = True

    schedule: Mapped[str] = mapped_column(primary_key=True)
    next_due_at: Mapped[datetime]
    said_at: Mapped[datetime]


class SchedulePause(Identified, Base):
    """A schedule does not tick while a pause of it has no end."""

    __tablename__ = "schedule_pause"
    __resource__ = "jobs"
    __table_args__ = (
        Index("uq_schedule_pause_open", "schedule", unique=True, postgresql_where=text("resumed_at IS NULL")),
    )

    schedule: Mapped[str]
    paused_at: Mapped[datetime] = mapped_column(default=utc_now)
    paused_by: Mapped[UUID | None]
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[UUID | None]

"""Business calendars, policies, the terms that were in force, and the clock of each ticket and target."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

TARGETS = ("first_response", "next_response", "resolution")
LEVELS = (50, 75, 90, 100)  # shares of a target that are told of, in percent


class SlaCalendar(Identified, Stamped, Versioned, Base):
    """Working hours. `periods` are [weekday 0 (Monday) to 6, first minute, last minute (exclusive, at most 1440)] of the
    local day; none with `is_always` means every hour of every day."""

    __tablename__ = "sla_calendar"
    __resource__ = "support_settings"
    __table_args__ = (Index("uq_sla_calendar_name", text("lower(name)"), unique=True),)

    name: Mapped[str]
    time_zone: Mapped[str]
    is_always: Mapped[bool] = mapped_column(default=False)
    periods: Mapped[list[Any]] = mapped_column(default=list)
    archived_at: Mapped[datetime | None]


class SlaHoliday(Identified, Base):
    """A day on which the calendar does not work."""

    __tablename__ = "sla_holiday"
    __resource__ = "support_settings"
    __table_args__ = (Index("uq_sla_holiday_day", "calendar_id", "day", unique=True),)

    calendar_id: Mapped[UUID] = mapped_column(ForeignKey("sla_calendar.id"))
    day: Mapped[date]
    name: Mapped[str]


class SlaPolicy(Identified, Stamped, Versioned, Base):
    """The first policy by `position` whose conditions a ticket meets is its policy.

    `conditions` are lists of allowed values by priority, category, tier, region, channel or tag; an empty one holds for all.
    `targets` are working seconds by priority and target: {"urgent": {"first_response": 3600, ...}, ...}.
    `pauses_in` are the states in which the clocks rest.
    """

    __tablename__ = "sla_policy"
    __resource__ = "support_settings"
    __table_args__ = (Index("uq_sla_policy_name", text("lower(name)"), unique=True),)

    name: Mapped[str]
    position: Mapped[int]
    calendar_id: Mapped[UUID] = mapped_column(ForeignKey("sla_calendar.id"))
    conditions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    targets: Mapped[dict[str, Any]]
    pauses_in: Mapped[list[str]] = mapped_column(default=lambda: ["waiting"])
    archived_at: Mapped[datetime | None]


class SlaTerms(Identified, Base):
    """What a policy and its calendar said at a moment, kept once however many tickets were opened under it.

    `content` is whole: calendar (time zone, periods, holidays), targets of every priority, pausing states. Never changed.
    """

    __tablename__ = "sla_terms"
    __resource__ = "tickets"

    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    policy_id: Mapped[UUID] = mapped_column(ForeignKey("sla_policy.id"), index=True)
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class TicketClock(Base):
    """One target of one ticket as its event log says, for sorting and for finding what is late. Recomputed, never counted.

    `state`: running, paused, met or missed (both over). Times at which shares of the target are used up are known while it
    runs: `at_50` ... `at_90` and `due_at`. `level` is the share last told of, `next_at` when the next one is reached.
    """

    __tablename__ = "ticket_clock"
    __resource__ = "tickets"
    __table_args__ = (
        CheckConstraint("target IN ('first_response', 'next_response', 'resolution')", name="target"),
        CheckConstraint("state IN ('running', 'paused', 'met', 'missed')", name="state"),
        Index("ix_ticket_clock_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index("ix_ticket_clock_due", "due_at", "ticket_id", postgresql_where=text("state = 'running'")),
        Index("ix_ticket_clock_tenant_id", "tenant_id"),
        Index(
            "ix_ticket_clock_stopped",
            "target",
            "stopped_at",
            postgresql_include=["ticket_id", "tenant_id", "state", "elapsed_s"],
            postgresql_where=text("stopped_at IS NOT NULL"),
        ),
        Index("ix_ticket_clock_breached", "breached_at", postgresql_where=text("breached_at IS NOT NULL")),
    )

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    target: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"))
    state: Mapped[str]
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    target_s: Mapped[int]
    elapsed_s: Mapped[int]
    at_50: Mapped[datetime | None]
    at_75: Mapped[datetime | None]
    at_90: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    level: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_at: Mapped[datetime | None]
    computed_at: Mapped[datetime] = mapped_column(default=utc_now)

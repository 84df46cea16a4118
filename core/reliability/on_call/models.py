"""On-call: schedules of rotations with overrides, escalation policies, and pages with their deliveries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now


class OnCallSchedule(Identified, Stamped, Versioned, Base):
    """Who is on call, by rotations in the local time of `time_zone`. Its calendar feed is opened by a token kept as digest."""

    __tablename__ = "on_call_schedule"
    __resource__ = "on_call"
    __table_args__ = (Index("uq_on_call_schedule_name", text("lower(name)"), unique=True),)

    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str] = mapped_column(default="UTC")
    feed_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True, info={"secret": True})
    archived_at: Mapped[datetime | None]


class OnCallRotation(Identified, Stamped, Versioned, Base):
    """One layer of a schedule: its people take turns of `length` units from `starts_at`; a higher `position` wins over a lower.

    `periods` limit it to [weekday 0 (Monday) to 6, first minute, last minute (exclusive)] of the local day; none means always.
    One that was in force is never rewritten, so that the past stays true: it ends, and another counts from `effective_at` with
    the same turns.
    """

    __tablename__ = "on_call_rotation"
    __resource__ = "on_call"
    __table_args__ = (
        CheckConstraint("unit IN ('hour', 'day', 'week')", name="unit"),
        CheckConstraint("length BETWEEN 1 AND 366", name="length"),
        Index("ix_on_call_rotation_of", "schedule_id", "position"),
    )

    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("on_call_schedule.id"))
    name: Mapped[str]
    position: Mapped[int]
    starts_at: Mapped[datetime]
    effective_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    unit: Mapped[str] = mapped_column(default="week")
    length: Mapped[int] = mapped_column(default=1)
    operator_ids: Mapped[list[UUID]]
    periods: Mapped[list[Any]] = mapped_column(default=list)


class OnCallOverride(Identified, Stamped, Base):
    """Somebody stands in, whatever the rotations say."""

    __tablename__ = "on_call_override"
    __resource__ = "on_call"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="length"),
        Index("ix_on_call_override_of", "schedule_id", "ends_at"),
    )

    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("on_call_schedule.id"))
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("operator.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    created_by_name: Mapped[str]
    cancelled_at: Mapped[datetime | None]


class EscalationPolicy(Identified, Stamped, Versioned, Base):
    """Whom to page, step by step, until somebody acknowledges; all of it again `repeats` times.

    After the last step there are `repeat_after_minutes` before all begins again, or the page is exhausted. `steps` are
    [{"after_minutes": 0, "schedules": [ids], "operators": [ids], "channels": [ids of alert channels]}, ...].
    `after_minutes` counts from the first step on. `severities` are those of incidents that it pages for by itself.
    """

    __tablename__ = "escalation_policy"
    __resource__ = "on_call"
    __table_args__ = (
        CheckConstraint("repeats BETWEEN 0 AND 9", name="repeats"),
        CheckConstraint("repeat_after_minutes BETWEEN 1 AND 1440", name="repeat_after"),
        Index("uq_escalation_policy_name", text("lower(name)"), unique=True),
    )

    name: Mapped[str]
    steps: Mapped[list[Any]]
    repeats: Mapped[int] = mapped_column(default=0)
    repeat_after_minutes: Mapped[int] = mapped_column(default=15, server_default=text("15"))
    severities: Mapped[list[str]] = mapped_column(default=list)
    services: Mapped[list[str]] = mapped_column(default=list)  # none: all
    archived_at: Mapped[datetime | None]


class Page(Identified, Stamped, Versioned, Base):
    """That people are called for an incident by a policy. `next_at` is when the next step is due; NULL when none is.

    `step` is the one that comes next, from 0; as many as there are: the round's end. Rounds are counted from 0.
    """

    __tablename__ = "on_call_page"
    __resource__ = "on_call"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'acknowledged', 'resolved', 'exhausted')", name="status"),
        Index("ix_on_call_page_incident", "incident_id"),
        Index("ix_on_call_page_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index("ix_on_call_page_created", "created_at", "id"),
        Index("ix_on_call_page_needed", "created_at", postgresql_where=text("status IN ('open', 'exhausted')")),
        # A policy pages for an incident once at a time, whoever asks first.
        Index(
            "uq_on_call_page_open", "incident_id", "policy_id", unique=True, postgresql_where=text("status = 'open'")
        ),
    )

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"))
    policy_id: Mapped[UUID] = mapped_column(ForeignKey("escalation_policy.id"))
    policy_steps: Mapped[list[Any]]  # these and the next two are the policy's as they were when it began
    repeat_after_minutes: Mapped[int] = mapped_column(default=15, server_default=text("15"))
    repeats_left: Mapped[int]
    round: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    step: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(default="open")
    next_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
    acknowledged_by_name: Mapped[str | None]


class PageDelivery(Identified, Base):
    """One call of one person or channel in a step, made once however often the step is tried. Reports what became of it.

    Without both nobody could be called: nobody was on call in `schedule_id`, or the person is out of service. A sender holds
    it until `due_at`, when it is tried again. `token_digest` is of the link that acknowledges.
    """

    __tablename__ = "on_call_delivery"
    __resource__ = "on_call"
    __observation__ = True
    __table_args__ = (
        CheckConstraint(
            "outcome IN ('queued', 'sent', 'failed', 'no mail server', 'nobody', 'not needed')", name="outcome"
        ),
        Index("ix_on_call_delivery_page", "page_id", "at"),
        Index("ix_on_call_delivery_queued", "due_at", "id", postgresql_where=text("outcome = 'queued'")),
        Index("uq_on_call_delivery_operator", "page_id", "round", "step", "operator_id", unique=True,
              postgresql_where=text("operator_id IS NOT NULL")),
        Index("uq_on_call_delivery_channel", "page_id", "round", "step", "channel_id", unique=True,
              postgresql_where=text("channel_id IS NOT NULL")),
    )  # fmt: skip

    page_id: Mapped[UUID] = mapped_column(ForeignKey("on_call_page.id"))
    round: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    step: Mapped[int]
    schedule_id: Mapped[UUID | None]
    operator_id: Mapped[UUID | None]
    channel_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(default=utc_now)
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True, info={"secret": True})
    outcome: Mapped[str] = mapped_column(default="queued")
    error: Mapped[str | None]
    finished_at: Mapped[datetime | None]

"""Who is told of alerts: channels, routes, what was sent, and what escalates."""

from datetime import datetime, time
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Integer, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.health.channels.rules import REASONS, STATUSES
from core.kernel.crypto import EncryptedText
from core.kernel.models import Base, Identified, Stamped, Versioned, uuid7


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class AlertChannel(Identified, Stamped, Versioned, Base):
    """A way to reach people. `url` is Apprise's, with its secrets; `target` is what of it may be shown."""

    __tablename__ = "alert_channel"
    __resource__ = "alert_channels"

    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    url: Mapped[str] = mapped_column(EncryptedText("alert_channel.url"))
    target: Mapped[str]
    is_enabled: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[UUID | None]


class AlertRoute(Identified, Stamped, Versioned, Base):
    """Which alerts go to which channels; the routes are asked in the order of `position`.

    Empty severities, areas or weekdays (0 is Monday) mean all. `continues`: the routes behind it are asked as well.
    """

    __tablename__ = "alert_route"
    __resource__ = "alert_channels"
    __table_args__ = (
        CheckConstraint("escalate_after_minutes > 0", name="escalate_after_minutes"),
        CheckConstraint("repeat_every_minutes > 0", name="repeat_every_minutes"),
    )

    name: Mapped[str]
    position: Mapped[int] = mapped_column(Integer)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    severities: Mapped[list[str]]
    areas: Mapped[list[str]]
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    starts_at: Mapped[time | None]
    ends_at: Mapped[time | None]
    time_zone: Mapped[str] = mapped_column(default="UTC")
    channel_ids: Mapped[list[UUID]]
    continues: Mapped[bool] = mapped_column(default=False)
    escalate_after_minutes: Mapped[int | None] = mapped_column(Integer)
    escalation_channel_ids: Mapped[list[UUID]]
    repeat_every_minutes: Mapped[int | None] = mapped_column(Integer)


class AlertNotification(Base):
    """One alert for one channel: waiting, sent, failed (given up) or suppressed, which `error` explains.

    `alert_id` is NULL for a test. What went in one message shares `message_id`. A sender holds it until `leased_until`.
    """

    __tablename__ = "alert_notification"
    __resource__ = "alert_channels"
    __observation__ = True
    __table_args__ = (
        _one_of("reason", REASONS),
        _one_of("status", STATUSES),
        Index("ix_alert_notification_due", "next_attempt_at", "id", postgresql_where=text("status = 'waiting'")),
        Index("ix_alert_notification_channel", "channel_id", "created_at", "id"),
        Index("ix_alert_notification_alert", "alert_id", "created_at"),
        Index("ix_alert_notification_group", "channel_id", "group_key", "finished_at",
              postgresql_where=text("status = 'sent'")),
        Index("ix_alert_notification_created", "created_at", "id"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    created_at: Mapped[datetime]
    alert_id: Mapped[UUID | None]
    group_key: Mapped[str] = mapped_column(server_default="")
    channel_id: Mapped[UUID]
    channel: Mapped[str]
    route_id: Mapped[UUID | None]
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    next_attempt_at: Mapped[datetime]
    leased_by: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    error: Mapped[str | None]
    message_id: Mapped[UUID | None]
    duration_ms: Mapped[float | None] = mapped_column(Float)
    finished_at: Mapped[datetime | None]


class AlertEscalation(Base):
    """An alert that nobody has acknowledged yet, on a route that escalates: at `due_at` the next step is taken."""

    __tablename__ = "alert_escalation"
    __resource__ = "alert_channels"
    __observation__ = True

    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    route_id: Mapped[UUID] = mapped_column(ForeignKey("alert_route.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    steps: Mapped[int] = mapped_column(Integer, server_default="0")

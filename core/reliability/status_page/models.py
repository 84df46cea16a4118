"""The public status page: what it shows, who is told of changes, and what was rendered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

COMPONENT_STATES = (
    "operational", "degraded_performance", "partial_outage", "major_outage", "under_maintenance", "unknown",
)  # fmt: skip


class StatusComponent(Identified, Stamped, Versioned, Base):
    """One line of the page. Its state is that of its monitors, unless somebody set `manual_state`.

    `services` are what incidents name when they hit it.
    """

    __tablename__ = "status_component"
    __resource__ = "status_page"
    __table_args__ = (
        CheckConstraint(
            "manual_state IN ('operational', 'degraded_performance', 'partial_outage', 'major_outage', 'under_maintenance')",
            name="manual_state",
        ),
        Index(
            "uq_status_component_name", text("lower(name)"), unique=True, postgresql_where=text("archived_at IS NULL")
        ),
    )

    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    group_name: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    monitor_ids: Mapped[list[UUID]] = mapped_column(default=list)
    services: Mapped[list[str]] = mapped_column(default=list)
    manual_state: Mapped[str | None]
    manual_reason: Mapped[str] = mapped_column(default="")
    archived_at: Mapped[datetime | None]


class StatusMaintenance(Identified, Stamped, Versioned, Base):
    """A maintenance window that the page announces."""

    __tablename__ = "status_maintenance"
    __resource__ = "status_page"

    window_id: Mapped[UUID] = mapped_column(ForeignKey("maintenance_window.id"), unique=True)
    title: Mapped[str]
    body: Mapped[str] = mapped_column(default="")
    component_ids: Mapped[list[UUID]] = mapped_column(default=list)
    withdrawn_at: Mapped[datetime | None]


class StatusSubscriber(Identified, Base):
    """An address that asked to be told. It counts once `confirmed_at`; tokens are kept as digests."""

    __tablename__ = "status_subscriber"
    __resource__ = "status_page"
    __observation__ = True
    __table_args__ = (
        Index("uq_status_subscriber_email", text("lower(email)"), unique=True),
        Index("ix_status_subscriber_created", "created_at", "id"),
    )

    email: Mapped[str] = mapped_column(info={"secret": True})  # of people, who gave it for these mails alone
    component_ids: Mapped[list[UUID]] = mapped_column(server_default=text("'{}'"))  # none: all
    confirm_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    confirm_until: Mapped[datetime | None]
    manage_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    confirmed_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]


class StatusMail(Identified, Base):
    """One mail to one subscriber, and what became of it. `source_id` is the message or announcement that it tells of.

    A queued one is due at `at`, which moves on when the mail server does not take it for now.
    """

    __tablename__ = "status_mail"
    __resource__ = "status_page"
    __observation__ = True
    __table_args__ = (
        CheckConstraint("outcome IN ('queued', 'sent', 'failed', 'no mail server')", name="outcome"),
        Index("uq_status_mail_once", "subscriber_id", "kind", "source_id", unique=True),
        Index("ix_status_mail_queued", "at", "id", postgresql_where=text("outcome = 'queued'")),
        Index("ix_status_mail_source", "source_id", "kind"),
    )

    subscriber_id: Mapped[UUID] = mapped_column(ForeignKey("status_subscriber.id", ondelete="CASCADE"))
    kind: Mapped[str]
    source_id: Mapped[UUID]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    outcome: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class StatusRender(Identified, Base):
    """That the page was written to one place (a folder or a bucket). A failure says why.

    The same content, or the same failure, again is the same row: `times` counts it, `last_at` is the latest.
    """

    __tablename__ = "status_render"
    __resource__ = "status_page"
    __observation__ = True
    __table_args__ = (
        Index("ix_status_render_last", "last_at", "id"),
        Index("ix_status_render_target", "target", "last_at"),
    )

    at: Mapped[datetime] = mapped_column(default=utc_now)
    last_at: Mapped[datetime] = mapped_column(default=utc_now)
    times: Mapped[int] = mapped_column(server_default="1")
    target: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    files: Mapped[int]
    error: Mapped[str | None]

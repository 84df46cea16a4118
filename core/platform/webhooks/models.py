"""Webhooks: who wants to be told of what, and what became of every message. Fields after iris section 12 and sprint 15."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.crypto import EncryptedText
from core.kernel.models import Base, Identified, Stamped, TransactionId, Versioned, uuid7
from core.kernel.rollups import Dimension, Rollup
from core.kernel.times import utc_now
from core.platform.webhooks.rules import MAX_CONCURRENCY, SIGNINGS, STATUSES, TIMEOUT_S


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Webhook(Identified, Stamped, Versioned, Base):
    """An endpoint. Of a tenant it hears that tenant's public events, of the platform (no tenant) every event.

    `events` are event types or patterns (`tenants.*`, `*`). `secret` is `whsec_...` (v1) or `whsk_...` (v1a, Ed25519);
    until `previous_expires_at` messages are signed with the previous one, too. `retry_after_s` replaces the schedule.
    `disabled_by` is NULL when the portal did it.
    """

    __tablename__ = "webhook"
    __resource__ = "webhooks"
    __table_args__ = (
        _one_of("signing", SIGNINGS),
        CheckConstraint("timeout_s BETWEEN 1 AND 60", name="timeout_s"),
        CheckConstraint("max_concurrency BETWEEN 1 AND 100", name="max_concurrency"),
        Index("ix_webhook_created", "created_at", "id"),
        Index("ix_webhook_url", text("lower(url) text_pattern_ops")),
    )

    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenant.id"), index=True)
    name: Mapped[str]
    url: Mapped[str]
    events: Mapped[list[str]]
    signing: Mapped[str] = mapped_column(default="v1")
    secret: Mapped[str] = mapped_column(EncryptedText("webhook.secret"))
    previous_secret: Mapped[str | None] = mapped_column(EncryptedText("webhook.previous_secret"))
    previous_expires_at: Mapped[datetime | None]
    sends_iris_headers: Mapped[bool] = mapped_column(default=False)
    retry_after_s: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    timeout_s: Mapped[int] = mapped_column(Integer, default=TIMEOUT_S)
    max_concurrency: Mapped[int] = mapped_column(Integer, default=MAX_CONCURRENCY)
    is_ordered: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[UUID | None]
    enabled_at: Mapped[datetime] = mapped_column(default=utc_now)
    disabled_at: Mapped[datetime | None]
    disabled_by: Mapped[UUID | None]
    disabled_reason: Mapped[str | None]


class WebhookLane(Base):
    """What the deliverers know of one endpoint. One of them at a time works on it: it holds the lease.

    `failures` counts failed attempts since the last success; until `open_until` the circuit breaker lets nothing pass.
    """

    __tablename__ = "webhook_lane"
    __resource__ = "webhooks"
    __observation__ = True

    webhook_id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID | None]
    leased_by: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    served_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    failing_since: Mapped[datetime | None]
    open_until: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_status: Mapped[int | None] = mapped_column(SmallInteger)
    last_error: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    successes: Mapped[int] = mapped_column(server_default="0")


class WebhookDelivery(Base):
    """One event for one endpoint: waiting, delivered, failed (given up) or cancelled. `body` is what is sent, each time.

    `attempts` counts those of the present round: a replay begins anew. `position` is the order of the events.
    """

    __tablename__ = "webhook_delivery"
    __resource__ = "webhooks"
    __observation__ = True
    __table_args__ = (
        _one_of("status", STATUSES),
        UniqueConstraint("event_id", "webhook_id"),
        Index("ix_webhook_delivery_due", "webhook_id", "next_attempt_at", "position",
              postgresql_where=text("status = 'waiting'")),
        Index("ix_webhook_delivery_order", "webhook_id", "position", postgresql_where=text("status = 'waiting'")),
        Index("ix_webhook_delivery_created", "created_at", "id"),
        Index("ix_webhook_delivery_of", "webhook_id", "created_at", "id"),
        Index("ix_webhook_delivery_failed", "webhook_id", "created_at", postgresql_where=text("status = 'failed'")),
        Index("ix_webhook_delivery_tenant", "tenant_id", "created_at", "id",
              postgresql_where=text("tenant_id IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    position: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    webhook_id: Mapped[UUID]
    tenant_id: Mapped[UUID | None]
    event_id: Mapped[UUID]
    event_type: Mapped[str]
    body: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    next_attempt_at: Mapped[datetime]
    last_status: Mapped[int | None] = mapped_column(SmallInteger)
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    replayed_at: Mapped[datetime | None]
    replayed_by: Mapped[UUID | None]


class WebhookAttempt(Base):
    """One call: what was sent, what came back. `delivery_id` is NULL for a test; `error` for one that was answered 2xx."""

    __tablename__ = "webhook_attempt"
    __resource__ = "webhooks"
    __observation__ = True
    __table_args__ = (
        Index("ix_webhook_attempt_delivery", "delivery_id", "at"),
        Index("ix_webhook_attempt_webhook", "webhook_id", "at"),
        Index("ix_webhook_attempt_xid", "xid"),
        {"postgresql_partition_by": "RANGE (at)"},
    )

    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    delivery_id: Mapped[UUID | None]
    webhook_id: Mapped[UUID | None]
    tenant_id: Mapped[UUID | None]
    event_type: Mapped[str]
    number: Mapped[int] = mapped_column(Integer)
    url: Mapped[str]
    request_headers: Mapped[dict[str, Any]]
    request_body: Mapped[str | None]
    is_success: Mapped[bool]
    status: Mapped[int | None] = mapped_column(SmallInteger)
    response_headers: Mapped[dict[str, Any] | None]
    response_body: Mapped[str | None]
    duration_ms: Mapped[float] = mapped_column(Float)
    error: Mapped[str | None]
    sent_by: Mapped[str]


WEBHOOK_ROLLUP = Rollup(
    "webhook_rollup", WebhookAttempt, "at", "webhooks",
    dimensions=(Dimension("webhook_id", Uuid()), Dimension("tenant_id", Uuid())),
    sums=("duration_ms",),
    maxima=("duration_ms",),
    counts={"failures": "NOT source.is_success"},
    kept_days={"minute": 2, "hour": 90},
)  # fmt: skip

# One endpoint's course is read by its id, and the rollup's own index begins with the time.
Index(
    "ix_webhook_rollup_hour_webhook", WEBHOOK_ROLLUP.hour.__table__.c.webhook_id, WEBHOOK_ROLLUP.hour.__table__.c.bucket
)

"""Trials: what the row of a subscription forgets when its trial ends."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base

OUTCOMES = ("converted", "expired", "cancelled")


class Trial(Base):
    """One trial of a tenant. The database itself keeps these rows (a trigger on subscription, migration 0027), in the
    transaction that begins or ends the trial, so that no way of doing so is missed.

    Converted: something is paid for. Expired: the free plan goes on. A trial that runs has no end and no outcome.
    """

    __tablename__ = "subscription_trial"
    __resource__ = "revenue"
    __observation__ = True
    __table_args__ = (
        CheckConstraint("outcome IN ('converted', 'expired', 'cancelled')", name="outcome"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
        Index("ix_subscription_trial_started", "started_at"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(primary_key=True)
    plan_key: Mapped[str]
    currency: Mapped[str]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

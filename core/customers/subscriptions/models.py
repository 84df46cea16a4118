"""Subscriptions, and the insert-only ledger of monthly recurring revenue (MRR)."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.plans.models import Money
from core.kernel.models import Base, Identified, Stamped, Versioned

STATUSES = ("trialing", "active", "past_due", "cancelled")
RUNNING = ("active", "past_due")  # those that are paid for, and count as recurring revenue
INTERVALS = ("monthly", "yearly")
KINDS = ("new", "expansion", "contraction", "churn", "reactivation")
CANCEL_CAUSES = ("request", "trial_ended", "tenant_deleted")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Subscription(Identified, Stamped, Versioned, Base):
    """What one tenant has and pays for. A period is from `period_start` until the day before `period_end`, in UTC days.

    Prices are those agreed when it was made, for one period of the interval: `unit_price` with `seats_included`, `seat_price`
    for each seat more, all less `discount` (a share from 0 to 1). `credit` is what the next charges are lessened by.
    `period_amount` is what a whole period comes to at the price that its last days were charged at.
    `anchor_on` is the day from which periods are counted, so that 31 January, 28 February and 31 March follow each other.
    `next_*` is the change that was scheduled for `period_end`; `cancels_at_period_end` the end that was.
    """

    __tablename__ = "subscription"
    __resource__ = "subscriptions"
    __table_args__ = (
        _one_of("status", STATUSES),
        _one_of("interval", INTERVALS),
        _one_of("cancel_cause", CANCEL_CAUSES),
        CheckConstraint("next_interval IN ('monthly', 'yearly')", name="next_interval"),
        CheckConstraint("seats > 0 AND seats_included > 0 AND next_seats > 0", name="seats"),
        CheckConstraint("unit_price >= 0 AND seat_price >= 0 AND credit >= 0 AND period_amount >= 0", name="prices"),
        CheckConstraint("discount BETWEEN 0 AND 1", name="discount"),
        CheckConstraint("period_start < period_end", name="period"),
        CheckConstraint("status <> 'trialing' OR trial_ends_on IS NOT NULL", name="trial"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        CheckConstraint("(next_plan_key IS NULL) = (next_interval IS NULL)", name="next"),
        Index("ix_subscription_due", "period_end", postgresql_where=text("status <> 'cancelled'")),
        Index("ix_subscription_plan", "plan_key", "status"),
        Index("ix_subscription_created", "created_at", "id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), unique=True)
    plan_key: Mapped[str] = mapped_column(ForeignKey("plan.key"))
    status: Mapped[str]
    interval: Mapped[str]
    seats: Mapped[int]
    seats_included: Mapped[int]
    unit_price: Mapped[Decimal] = mapped_column(Money)
    seat_price: Mapped[Decimal] = mapped_column(Money)
    discount: Mapped[Decimal] = mapped_column(Numeric(5, 4), default=Decimal(0))
    credit: Mapped[Decimal] = mapped_column(Money, default=Decimal("0.00"))
    period_amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str]
    started_at: Mapped[datetime]
    trial_ends_on: Mapped[date | None]
    anchor_on: Mapped[date]
    period_start: Mapped[date]
    period_end: Mapped[date]
    next_plan_key: Mapped[str | None] = mapped_column(ForeignKey("plan.key"))
    next_interval: Mapped[str | None]
    next_seats: Mapped[int | None]
    cancels_at_period_end: Mapped[bool] = mapped_column(default=False)
    cancelled_at: Mapped[datetime | None]
    cancel_cause: Mapped[str | None]
    cancel_reason: Mapped[str | None]


class MrrChange(Base):
    """One change of a tenant's MRR; a ledger: rows are never changed, and corrected by a further row alone.

    The database proves that `mrr_after` is the sum of a tenant's rows: each row begins where the one before it ended (the
    foreign key on itself), the first at 0. `sequence` counts a tenant's rows from 1; `previous` is the one before.
    """

    __tablename__ = "mrr_change"
    __resource__ = "revenue"
    __table_args__ = (
        _one_of("kind", KINDS),
        CheckConstraint("amount <> 0 AND mrr_after = mrr_before + amount AND mrr_after >= 0", name="sum"),
        CheckConstraint("sequence > 0 AND previous IS NOT DISTINCT FROM nullif(sequence - 1, 0)", name="sequence"),
        CheckConstraint("sequence > 1 OR mrr_before = 0", name="first"),
        CheckConstraint(
            "CASE kind WHEN 'new' THEN mrr_before = 0 AND sequence = 1 WHEN 'reactivation' THEN mrr_before = 0 AND sequence > 1"
            " WHEN 'churn' THEN mrr_after = 0 WHEN 'expansion' THEN amount > 0 AND mrr_before > 0"
            " ELSE amount < 0 AND mrr_after > 0 END",
            name="kind_fits",
        ),
        UniqueConstraint("tenant_id", "sequence", "mrr_after", name="uq_mrr_change_chain"),
        Index("uq_mrr_change_sequence", "tenant_id", "sequence", unique=True),
        ForeignKeyConstraint(
            ["tenant_id", "previous", "mrr_before"],
            ["mrr_change.tenant_id", "mrr_change.sequence", "mrr_change.mrr_after"],
            name="fk_mrr_change_chain",
        ),
        Index("ix_mrr_change_at", "at", "id"),
        Index("ix_mrr_change_tenant", "tenant_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscription.id"))
    sequence: Mapped[int]
    previous: Mapped[int | None]
    at: Mapped[datetime]
    kind: Mapped[str]
    mrr_before: Mapped[Decimal] = mapped_column(Money)
    amount: Mapped[Decimal] = mapped_column(Money)
    mrr_after: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str]
    plan_before: Mapped[str | None]
    plan_after: Mapped[str]
    cause: Mapped[str]

"""Plans and what they were before they were changed."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

Money = Numeric(14, 2)


class Plan(Stamped, Versioned, Base):
    """What is sold. A price includes `seats`; `seat_price_*` is for each seat more, in the same period as the price.

    `limits`: resource -> number, or None for unlimited. `quota_policy`: resource -> what happens at the limit.
    `settings`: key of a setting -> the value that tenants of the plan have unless they override it.
    """

    __tablename__ = "plan"
    __resource__ = "plans"
    __table_args__ = (
        CheckConstraint("key IN ('free', 'basic', 'pro', 'enterprise')", name="key"),
        CheckConstraint(
            "price_monthly >= 0 AND price_yearly >= 0 AND seat_price_monthly >= 0 AND seat_price_yearly >= 0",
            name="prices",
        ),
        CheckConstraint("seats > 0", name="seats"),
        CheckConstraint("trial_days BETWEEN 0 AND 365", name="trial_days"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    position: Mapped[int]
    price_monthly: Mapped[Decimal] = mapped_column(Money)
    price_yearly: Mapped[Decimal] = mapped_column(Money)
    seat_price_monthly: Mapped[Decimal] = mapped_column(Money)
    seat_price_yearly: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str]
    seats: Mapped[int]
    trial_days: Mapped[int]
    limits: Mapped[dict[str, Any]]
    quota_policy: Mapped[dict[str, Any]]
    settings: Mapped[dict[str, Any]]
    is_public: Mapped[bool]


class PlanVersion(Identified, Base):
    """What a plan was until it was changed: one row for each version but the current one. Never changed."""

    __tablename__ = "plan_version"
    __resource__ = "plans"
    __table_args__ = (Index("uq_plan_version_number", "plan_key", "number", unique=True),)

    plan_key: Mapped[str] = mapped_column(ForeignKey("plan.key"))
    number: Mapped[int]
    values: Mapped[dict[str, Any]]
    valid_from: Mapped[datetime]
    replaced_at: Mapped[datetime] = mapped_column(default=utc_now)
    replaced_by: Mapped[UUID | None]
    replaced_by_name: Mapped[str]
    reason: Mapped[str | None]

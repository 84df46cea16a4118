"""The figures of each tenant as the directory shows them, now and by day."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.summaries.health import HEALTHS
from core.kernel import retention
from core.kernel.models import Base

MONEY = Numeric(14, 2)


class Figures:
    """What is counted of a tenant. NULL is unknown, and never 0.

    Days are UTC and the last 30 include today; `messages_30d_before` is of the 30 before those. `seats_used` are people in
    service. Money is in `currency`, that of the tenant's subscription; `revenue_30d` is what was paid.
    """

    seats_used: Mapped[int | None]
    users_active_30d: Mapped[int | None]
    messages_30d: Mapped[int | None]
    messages_30d_before: Mapped[int | None]
    api_calls_30d: Mapped[int | None]
    errors_24h: Mapped[int | None]
    open_alerts: Mapped[int | None]
    open_tickets: Mapped[int | None]
    mrr: Mapped[Decimal | None] = mapped_column(MONEY)
    revenue_30d: Mapped[Decimal | None] = mapped_column(MONEY)
    currency: Mapped[str | None]
    computed_at: Mapped[datetime]


class TenantSummary(Figures, Base):
    """A tenant as of `computed_at`; `health_reason` is one sentence."""

    __tablename__ = "tenant_summary"
    __resource__ = "tenants"
    __observation__ = True
    __table_args__ = (
        CheckConstraint(f"health IN ({', '.join(repr(one) for one in HEALTHS)})", name="health"),
        # Most rows change every minute: room for the new ones beside the old.
        {"postgresql_with": {"fillfactor": 40}},
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    health: Mapped[str]
    health_reason: Mapped[str]


class TenantSummaryDay(Figures, Base):
    """A tenant on a day (UTC), as counted the last time on that day. What is not of that day's rows is known only because
    it was counted then."""

    __tablename__ = "tenant_summary_day"
    __resource__ = "tenants"
    __observation__ = True
    __table_args__ = ({"postgresql_partition_by": "RANGE (day)"},)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[datetime] = mapped_column(primary_key=True)


retention.keep(TenantSummaryDay.__tablename__, "month", 800)

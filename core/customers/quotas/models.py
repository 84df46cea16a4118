"""Quotas: what tenants may use, what they do use, what they were told of it, and larger plans that are asked for."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Numeric, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.quotas.resources import RESOURCES
from core.customers.quotas.rules import LEVELS, OUTCOMES, POLICIES, SOURCES
from core.kernel import retention
from core.kernel.models import Base, Identified, Stamped, Versioned

AMOUNT = Numeric(20, 4)


def _one_of(column: str, values: tuple[object, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


class TenantQuota(Identified, Stamped, Versioned, Base):
    """An override of a plan's limit: it counts until `expires_at`, whether or not it was removed by then.

    `limit_value` NULL is no limit. `contract_id`: it follows from that contract, and changes with it.
    """

    __tablename__ = "tenant_quota"
    __resource__ = "quotas"
    __table_args__ = (
        _one_of("resource", RESOURCES),
        CheckConstraint("limit_value >= 0", name="limit_value"),
        UniqueConstraint("tenant_id", "resource"),
        Index("ix_tenant_quota_contract", "contract_id", postgresql_where=text("contract_id IS NOT NULL")),
        Index("ix_tenant_quota_expiry", "expires_at", "id", postgresql_where=text("expires_at IS NOT NULL")),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    resource: Mapped[str]
    limit_value: Mapped[Decimal | None] = mapped_column(AMOUNT)
    reason: Mapped[str]
    expires_at: Mapped[datetime | None]
    set_by: Mapped[UUID | None]
    set_by_name: Mapped[str]
    contract_id: Mapped[UUID | None] = mapped_column(ForeignKey("contract.id"))


class QuotaUsage(Base):
    """What a tenant uses of a resource now. `used` NULL is unknown, `limit_value` NULL no limit; `ratio` is NULL for both.

    `ratio` is a float, because row-level security keeps comparisons of numerics away from indexes (they are not leakproof).
    """

    __tablename__ = "quota_usage"
    __resource__ = "quotas"
    __observation__ = True
    __table_args__ = (
        _one_of("resource", RESOURCES),
        _one_of("source", SOURCES),
        _one_of("policy", POLICIES),
        Index("ix_quota_usage_ratio", "ratio", "tenant_id", "resource", postgresql_where=text("ratio >= 0.5")),
        # All rows change every minute: room for the new ones beside the old.
        {"postgresql_with": {"fillfactor": 40}},
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[Decimal | None] = mapped_column(AMOUNT)
    limit_value: Mapped[Decimal | None] = mapped_column(AMOUNT)
    source: Mapped[str]
    policy: Mapped[str]
    ratio: Mapped[float | None] = mapped_column(Float)
    measured_at: Mapped[datetime]


# As the partial index says it, word for word: a prepared plan knows no parameter's value.
IS_LISTED = text("quota_usage.ratio >= 0.5")


class QuotaUsageDay(Base):
    """A day (UTC): what was used on it of a monthly resource, or the level at its end of one that stands. NULL: unknown."""

    __tablename__ = "quota_usage_day"
    __resource__ = "quotas"
    __observation__ = True
    __table_args__ = ({"postgresql_partition_by": "RANGE (day)"},)

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[datetime] = mapped_column(primary_key=True)
    amount: Mapped[Decimal | None] = mapped_column(AMOUNT)
    limit_value: Mapped[Decimal | None] = mapped_column(AMOUNT)
    measured_at: Mapped[datetime]


class QuotaLevel(Base):
    """The level (percent) of which a tenant was told last, in which month (NULL for what stands), by which look."""

    __tablename__ = "quota_level"
    __resource__ = "quotas"
    __table_args__ = (_one_of("resource", RESOURCES), _one_of("level", (0, *LEVELS)))

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger)
    period: Mapped[date | None]
    measured_at: Mapped[datetime]


class QuotaUpgrade(Identified, Stamped, Versioned, Base):
    """A larger plan that is asked for because a quota is reached; by the portal itself when `requested_by` is NULL."""

    __tablename__ = "quota_upgrade"
    __resource__ = "quotas"
    __table_args__ = (
        _one_of("resource", RESOURCES),
        _one_of("outcome", OUTCOMES),
        Index("uq_quota_upgrade_waiting", "tenant_id", unique=True, postgresql_where=text("outcome = 'waiting'")),
        Index("ix_quota_upgrade_outcome", "outcome", "created_at", "id"),
        Index("ix_quota_upgrade_tenant", "tenant_id", "resource", "created_at", "id"),
    )

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    resource: Mapped[str]
    from_plan: Mapped[str]
    to_plan: Mapped[str]
    used: Mapped[Decimal | None] = mapped_column(AMOUNT)
    limit_value: Mapped[Decimal | None] = mapped_column(AMOUNT)
    reason: Mapped[str]
    requested_by: Mapped[UUID | None]
    requested_by_name: Mapped[str]
    outcome: Mapped[str] = mapped_column(default="waiting")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    decided_by_name: Mapped[str | None]
    decision_reason: Mapped[str | None]


retention.keep(QuotaUsageDay.__tablename__, "month", 800)

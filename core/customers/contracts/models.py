"""Contracts: the agreement, its terms by version, documents and renewal tasks."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.plans.models import Money
from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

STATUSES = ("draft", "active", "renewing", "renewed", "expired", "terminated")
RUNNING = ("active", "renewing")  # those that are measured
PAYMENT_TERMS = ("net_15", "net_30", "net_60", "net_90")
BILLING_CYCLES = ("monthly", "quarterly", "annual")
SUPPORT_LEVELS = ("standard", "premium", "enterprise")
MAINTENANCE = ("excluded", "counted")
CHARGES = ("fee", "adjustment", "credit")
Percent = Numeric(7, 4)


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Contract(Identified, Stamped, Versioned, Base):
    """An agreement with a tenant; what was agreed is in its versions. A tenant has one that runs at a time.

    Days are those of `time_zone`, which is the contract's for good: months begin and end in it. `starts_on` is its first day,
    `ended_on` the last one of a contract that was terminated or is over. `renews_id` is the contract that this one follows.
    `billed_until` is the day from which it is to be invoiced next; NULL for a draft, and when nothing is left to invoice.
    """

    __tablename__ = "contract"
    __resource__ = "contracts"
    __table_args__ = (
        _one_of("status", STATUSES),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("(status = 'terminated') = (termination_reason IS NOT NULL)", name="terminated"),
        Index(
            "uq_contract_running", "tenant_id", unique=True, postgresql_where=text("status IN ('active', 'renewing')")
        ),
        Index("ix_contract_tenant", "tenant_id", "starts_on"),
        Index("ix_contract_status", "status", "id"),
        Index("ix_contract_created", "created_at", "id"),
        Index("uq_contract_renews", "renews_id", unique=True, postgresql_where=text("renews_id IS NOT NULL")),
        Index("ix_contract_billing", "billed_until", postgresql_where=text("billed_until IS NOT NULL")),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    status: Mapped[str] = mapped_column(default="draft")
    currency: Mapped[str] = mapped_column(default="USD")
    time_zone: Mapped[str] = mapped_column(default="UTC")
    starts_on: Mapped[date]
    ended_on: Mapped[date | None]
    csm_id: Mapped[UUID | None] = mapped_column(ForeignKey("operator.id"), index=True)
    account_executive: Mapped[str] = mapped_column(default="")
    renews_id: Mapped[UUID | None] = mapped_column(ForeignKey("contract.id"))
    termination_reason: Mapped[str | None]
    billed_until: Mapped[date | None]


class ContractVersion(Identified, Base):
    """The terms from the first minute of `effective_on` in the contract's zone, until the next version's. Never changed.

    `annual_value` is for twelve months. `ends_on` is the last day of the term; `renewal_on` the day from which a renewal
    counts. Commitments that were not made are NULL: `uptime_target` in percent of a calendar month, `latency_p99_ms`,
    `error_rate_target` in percent of requests, and minutes for support, RPO and RTO. A month whose uptime is under `below`
    is credited `percent` of its fee by the lowest such tier of `credit_tiers` ([{"below": "99.95", "percent": "10"}, ...]),
    at most `credit_cap` percent of it. Maintenance is `excluded` for at most `maintenance_minutes` of a month (NULL: all
    of it), or `counted`. `limits` are overrides of the plan's limits that follow from the contract.
    """

    __tablename__ = "contract_version"
    __resource__ = "contracts"
    __table_args__ = (
        _one_of("payment_terms", PAYMENT_TERMS),
        _one_of("billing_cycle", BILLING_CYCLES),
        _one_of("support_level", SUPPORT_LEVELS),
        _one_of("maintenance", MAINTENANCE),
        CheckConstraint("annual_value >= 0", name="annual_value"),
        CheckConstraint("ends_on >= effective_on AND renewal_on <= ends_on + 1", name="days"),
        CheckConstraint("term_months BETWEEN 1 AND 120 AND notice_days BETWEEN 0 AND 730", name="term"),
        CheckConstraint("uptime_target > 0 AND uptime_target <= 100", name="uptime_target"),
        CheckConstraint("error_rate_target >= 0 AND error_rate_target <= 100", name="error_rate_target"),
        CheckConstraint("latency_p99_ms > 0 AND support_response_minutes > 0", name="latency"),
        CheckConstraint("rpo_minutes >= 0 AND rto_minutes >= 0", name="recovery"),
        CheckConstraint("credit_cap BETWEEN 0 AND 100", name="credit_cap"),
        Index("uq_contract_version_number", "contract_id", "number", unique=True),
        Index("ix_contract_version_effective", "contract_id", "effective_on", "number"),
        Index("ix_contract_version_renewal", "renewal_on"),
    )

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    number: Mapped[int]
    effective_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    annual_value: Mapped[Decimal] = mapped_column(Money)
    term_months: Mapped[int]
    ends_on: Mapped[date]
    renewal_on: Mapped[date]
    notice_days: Mapped[int]
    payment_terms: Mapped[str]
    billing_cycle: Mapped[str]
    support_level: Mapped[str]
    uptime_target: Mapped[Decimal | None] = mapped_column(Percent)
    latency_p99_ms: Mapped[int | None]
    error_rate_target: Mapped[Decimal | None] = mapped_column(Percent)
    support_response_minutes: Mapped[int | None]
    rpo_minutes: Mapped[int | None]
    rto_minutes: Mapped[int | None]
    credit_tiers: Mapped[list[Any]] = mapped_column(default=list)
    credit_cap: Mapped[Decimal] = mapped_column(Percent, default=Decimal(100))
    maintenance: Mapped[str] = mapped_column(default="excluded")
    maintenance_minutes: Mapped[int | None]
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_by: Mapped[UUID | None]
    created_by_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ContractDocument(Identified, Base):
    """A file that belongs to a contract; its content lies in the data folder under its digest."""

    __tablename__ = "contract_document"
    __resource__ = "contracts"
    __table_args__ = (Index("ix_contract_document_of", "contract_id", "created_at"),)

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    added_by_name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    removed_at: Mapped[datetime | None]


class ContractTask(Identified, Stamped, Versioned, Base):
    """What is to do so many `days_before` the renewal; one for each of them and renewal day."""

    __tablename__ = "contract_task"
    __resource__ = "contracts"
    __table_args__ = (
        Index("uq_contract_task_renewal", "contract_id", "renewal_on", "days_before", unique=True),
        Index("ix_contract_task_due", "due_on", "id", postgresql_where=text("done_at IS NULL")),
    )

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    renewal_on: Mapped[date]
    days_before: Mapped[int]
    due_on: Mapped[date]
    title: Mapped[str]
    assignee_id: Mapped[UUID | None] = mapped_column(ForeignKey("operator.id"), index=True)
    note: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]
    done_by_name: Mapped[str | None]


class ContractCharge(Identified, Base):
    """A part of an invoice that came from a contract. What a void invoice charged counts as not charged.

    `fee` is for the period from `period_start` until the day before `period_end`; so is `adjustment`, for what an amendment
    or an early end made of a period that was invoiced before. `credit` takes an issued credit off, as a negative amount.
    """

    __tablename__ = "contract_charge"
    __resource__ = "contracts"
    __table_args__ = (
        _one_of("kind", CHARGES),
        CheckConstraint("period_start < period_end", name="period"),
        CheckConstraint("(kind = 'credit') = (credit_id IS NOT NULL)", name="credit"),
        Index("ix_contract_charge_contract", "contract_id", "period_start"),
    )

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoice.id"), index=True)
    kind: Mapped[str]
    period_start: Mapped[date]
    period_end: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Money)
    credit_id: Mapped[UUID | None] = mapped_column(ForeignKey("sla_credit.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

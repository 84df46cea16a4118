"""What was measured for contracts, what fell short of them, and what is owed for it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from core.customers.contracts.models import Percent
from core.customers.plans.models import Money
from core.kernel.models import Base, Identified, Stamped, Versioned
from core.kernel.times import utc_now

STATES = ("up", "down", "maintenance", "unobserved")
METRICS = ("uptime", "latency_p99", "error_rate", "support_response")
GRAINS = ("hour", "day", "month", "quarter")
IMPACTS = ("minor", "major", "critical")
CREDIT_STATUSES = ("draft", "approved", "issued", "void", "none")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class SlaWatermark(Base):
    """How far measuring has come, one row: every minute from `since` until `until` was judged.

    Requests were counted in full up to `known_until` by then: the next look begins there, if not earlier.
    """

    __tablename__ = "sla_watermark"
    __resource__ = "sla"
    __observation__ = True

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    since: Mapped[datetime | None]
    until: Mapped[datetime]
    known_until: Mapped[datetime | None]
    evaluated_at: Mapped[datetime]


class SlaSpan(Base):
    """Whole minutes of one contract in one state, from `starts_at` until `ends_at`; spans of a contract do not overlap.

    `cause` says what proved it: {"monitors": [ids], "requests": n, "errors": n, "windows": [ids]}, those that there were.
    """

    __tablename__ = "sla_span"
    __resource__ = "sla"
    __observation__ = True
    __table_args__ = (
        _one_of("state", STATES),
        CheckConstraint("ends_at > starts_at", name="length"),
        # None has `ends_at`: the last span of each contract grows every minute, and that touches no index so.
        Index("ix_sla_span_bad", "starts_at", "contract_id", postgresql_where=text("state = 'down'")),
        Index("ix_sla_span_maintenance", "contract_id", "starts_at", postgresql_where=text("state = 'maintenance'")),
        {"postgresql_with": {"fillfactor": "70"}},
    )

    contract_id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime]
    tenant_id: Mapped[UUID]
    state: Mapped[str]
    cause: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class SlaPeriod(Base):
    """One contract's hour (UTC) or day, month or quarter (of its zone, `bucket` is where it begins).

    Minutes add up to the part of the period that the contract was in force and that has passed. What was not measured is
    NULL: latencies without timed requests, `error_rate` (percent) without requests, `uptime` (percent) without observed
    minutes. `responses` are first responses to urgent tickets that were due, `responses_late` those after their time.
    Targets are those at the end of the period. `ends_at` is where it ends, or the contract within it.
    """

    __tablename__ = "sla_period"
    __resource__ = "sla"
    __observation__ = True
    __table_args__ = (
        _one_of("grain", GRAINS),
        Index("ix_sla_period_bucket", "grain", "bucket"),
        Index("ix_sla_period_tenant", "tenant_id", "grain", "bucket"),
        {"postgresql_with": {"fillfactor": "70"}},
    )

    contract_id: Mapped[UUID] = mapped_column(primary_key=True)
    grain: Mapped[str] = mapped_column(primary_key=True)
    bucket: Mapped[datetime] = mapped_column(primary_key=True)
    ends_at: Mapped[datetime | None]
    tenant_id: Mapped[UUID]
    observed_minutes: Mapped[int]
    bad_minutes: Mapped[int]
    maintenance_minutes: Mapped[int]
    excluded_minutes: Mapped[int]
    unobserved_minutes: Mapped[int]
    uptime: Mapped[float | None] = mapped_column(Float)
    uptime_target: Mapped[float | None] = mapped_column(Float)
    requests: Mapped[int]
    errors: Mapped[int]
    error_rate: Mapped[float | None] = mapped_column(Float)
    error_rate_target: Mapped[float | None] = mapped_column(Float)
    latency_p50_ms: Mapped[float | None] = mapped_column(Float)
    latency_p95_ms: Mapped[float | None] = mapped_column(Float)
    latency_p99_ms: Mapped[float | None] = mapped_column(Float)
    latency_p99_target: Mapped[float | None] = mapped_column(Float)
    responses: Mapped[int]
    responses_late: Mapped[int]
    computed_at: Mapped[datetime]


class SlaViolation(Identified, Base):
    """Something that fell short of a contract, from its first bad minute until `ended_at` (NULL: it lasts).

    `actual` is the worst seen, in the unit of the metric (percent, ms, percent, minutes). `ticket_id` is the one that was
    answered late. What people decide about it (exclusions, incidents) is kept elsewhere: this row is what was measured.
    """

    __tablename__ = "sla_violation"
    __resource__ = "sla"
    __observation__ = True
    __table_args__ = (
        _one_of("metric", METRICS),
        _one_of("impact", IMPACTS),
        Index(
            "uq_sla_violation_open", "contract_id", "metric", unique=True,
            postgresql_where=text("ended_at IS NULL AND ticket_id IS NULL"),
        ),
        Index("uq_sla_violation_ticket", "contract_id", "ticket_id", unique=True),
        Index("ix_sla_violation_contract", "contract_id", "started_at"),
        Index("ix_sla_violation_tenant", "tenant_id", "started_at"),
        Index("ix_sla_violation_started", "started_at", "id"),
        Index("ix_sla_violation_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
        Index("ix_sla_violation_untold", "detected_at", postgresql_where=text("told_at IS NULL")),
        {"postgresql_with": {"fillfactor": "70"}},
    )  # fmt: skip

    contract_id: Mapped[UUID]
    tenant_id: Mapped[UUID]
    metric: Mapped[str]
    target: Mapped[float] = mapped_column(Float)
    actual: Mapped[float | None] = mapped_column(Float)
    impact: Mapped[str]
    minutes: Mapped[int]
    started_at: Mapped[datetime]
    last_bad_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    detected_at: Mapped[datetime] = mapped_column(default=utc_now)
    told_at: Mapped[datetime | None]
    ticket_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class SlaExclusion(Identified, Stamped, Versioned, Base):
    """That minutes of a violation were not what they seemed. Asked for with a reason; counts once somebody else approved it."""

    __tablename__ = "sla_exclusion"
    __resource__ = "sla"
    __table_args__ = (
        _one_of("decision", ("approved", "refused", "withdrawn")),
        CheckConstraint("ends_at > starts_at", name="length"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided"),
        Index("ix_sla_exclusion_contract", "contract_id", "starts_at"),
        Index("ix_sla_exclusion_violation", "violation_id"),
        Index("ix_sla_exclusion_open", "created_at", postgresql_where=text("decision IS NULL")),
    )

    violation_id: Mapped[UUID] = mapped_column(ForeignKey("sla_violation.id"))
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    asked_by: Mapped[UUID | None]
    asked_by_name: Mapped[str]
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    decided_by_name: Mapped[str | None]
    decision_note: Mapped[str] = mapped_column(default="")


class SlaCredit(Identified, Stamped, Versioned, Base):
    """What a month comes to by the contract's tiers. `month` is its first day in the contract's zone.

    `sequence` 0 is the month's own; a later recomputation that comes to something else adds the difference as the next one
    (`amount` may then be negative), and changes nothing that was approved. `proof` holds every figure that the amount came
    from, and the rows behind them. With the status `none` nothing is owed, and nobody has to approve it. `computed_by` is
    who had it computed by hand, NULL for the clock; `uptime` is rounded down, so that it never looks better than it was.
    """

    __tablename__ = "sla_credit"
    __resource__ = "sla_credits"
    __table_args__ = (
        _one_of("status", CREDIT_STATUSES),
        CheckConstraint("sequence > 0 OR (amount >= 0 AND amount <= cap_amount)", name="amount"),
        CheckConstraint("(status = 'issued') = (number IS NOT NULL)", name="number"),
        CheckConstraint("status <> 'none' OR amount = 0", name="none"),
        Index("uq_sla_credit_month", "contract_id", "month", "sequence", unique=True),
        Index("ix_sla_credit_status", "status", "month"),
        Index("ix_sla_credit_tenant", "tenant_id", "month"),
        Index("ix_sla_credit_created", "created_at", "id"),
        Index("ix_sla_credit_listed", "month", "id"),
        Index("ix_sla_credit_invoice", "invoice_id", postgresql_where=text("invoice_id IS NOT NULL")),
    )

    number: Mapped[str | None] = mapped_column(unique=True)  # given when issued
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenant.id"))
    month: Mapped[date]
    sequence: Mapped[int]
    status: Mapped[str] = mapped_column(default="draft")
    currency: Mapped[str]
    fee: Mapped[Decimal] = mapped_column(Money)
    uptime: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    percent: Mapped[Decimal] = mapped_column(Percent)
    cap_amount: Mapped[Decimal] = mapped_column(Money)
    amount: Mapped[Decimal] = mapped_column(Money)
    formula: Mapped[str]
    proof: Mapped[dict[str, Any]]
    computed_at: Mapped[datetime]
    computed_by: Mapped[UUID | None]
    computed_by_name: Mapped[str]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[UUID | None]
    approved_by_name: Mapped[str | None]
    issued_at: Mapped[datetime | None]
    issued_by_name: Mapped[str | None]
    void_reason: Mapped[str | None]
    invoice_id: Mapped[UUID | None] = mapped_column(ForeignKey("invoice.id"))  # the one that it was taken off


class SlaCreditCounter(Base):
    """The last number of a year. The row stays locked until the credit is committed: that is why no number is lost."""

    __tablename__ = "sla_credit_counter"
    __resource__ = "sla_credits"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]

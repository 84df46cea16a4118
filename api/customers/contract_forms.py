"""What the operations about contracts take and answer."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from api.conventions import Day, Money, Out, Strict
from core.customers.contracts import rules

Status = Literal["draft", "active", "renewing", "renewed", "expired", "terminated"]
Cycle = Literal["monthly", "quarterly", "annual"]
Payment = Literal["net_15", "net_30", "net_60", "net_90"]
Level = Literal["standard", "premium", "enterprise"]
Maintenance = Literal["excluded", "counted"]
Stage = Literal["to_start", "in_talks", "renewed"]
Resource = Literal["users", "storage_bytes", "api_calls", "messages", "ai_spend"]


def _number(given: object) -> object:
    if isinstance(given, bool):
        raise ValueError("Give a number.")
    return given


Percent = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=100, decimal_places=4, examples=["99.95"])]
Value = Annotated[
    Decimal, BeforeValidator(_number), Field(ge=0, le=rules.MOST_VALUE, decimal_places=2, examples=["120000.00"])
]
Limit = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=10**15)]
Minutes = Annotated[int, Field(strict=True, ge=0, le=rules.MOST_MINUTES)]
Reason = Annotated[str, Field(min_length=1, max_length=rules.MAX_TEXT)]
Short = Annotated[str, Field(max_length=rules.MAX_TEXT)]


class Tier(Strict):
    """Of a month whose uptime is under `below` (percent), `percent` of its fee is credited."""

    below: Percent
    percent: Percent


class TierOut(Out):
    below: str
    percent: str


class Terms(Strict):
    """Terms; those that are not sent stay as they were, or are the usual ones. Null is “not agreed”.

    `renewal_on` null is the day after the term. `limits`: resource to limit, null for none.
    """

    term_months: Annotated[int, Field(strict=True, ge=1, le=120)] = 12
    renewal_on: Day | None = None
    notice_days: Annotated[int, Field(strict=True, ge=0, le=730)] = 60
    payment_terms: Payment = "net_30"
    billing_cycle: Cycle = "annual"
    support_level: Level = "enterprise"
    uptime_target: Percent | None = Decimal("99.95")
    latency_p99_ms: Annotated[int, Field(strict=True, ge=1, le=3_600_000)] | None = 100
    error_rate_target: Percent | None = None
    support_response_minutes: Annotated[int, Field(strict=True, ge=1, le=rules.MOST_MINUTES)] | None = 60
    rpo_minutes: Minutes | None = 60
    rto_minutes: Minutes | None = 240
    credit_tiers: Annotated[list[Tier], Field(max_length=10, default_factory=list)]
    credit_cap: Percent = Decimal(100)
    maintenance: Maintenance = "excluded"
    maintenance_minutes: Annotated[int, Field(strict=True, ge=0, le=44_640)] | None = None
    limits: Annotated[dict[Resource, Limit | None], Field(max_length=5, default_factory=dict)]


class ContractIn(Terms):
    """A draft. Without `csm_id` it is the tenant's; terms that are not sent are the usual ones."""

    tenant_id: UUID
    starts_on: Day
    annual_value: Value
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["USD"])] = "USD"
    time_zone: Annotated[str, Field(min_length=1, max_length=60, examples=["Europe/Berlin"])] = "UTC"
    csm_id: UUID | None = None
    account_executive: Short = ""


class AmendmentIn(Terms):
    """New terms from midnight of `effective_on` (the contract's zone; without it today). What is not sent stays."""

    annual_value: Value = Decimal(0)
    effective_on: Day | None = None
    reason: Reason


class RenewalIn(Terms):
    """Terms of the contract that follows. What is not sent is as in the newest version."""

    annual_value: Value = Decimal(0)


class People(Strict):
    """Null is nobody."""

    csm_id: UUID | None = None
    account_executive: Short = ""


class Termination(Strict):
    """`ended_on` is the last day; without it today. A draft has none."""

    ended_on: Day | None = None
    reason: Reason


class TaskChange(Strict):
    is_done: bool = False
    assignee_id: UUID | None = None
    note: Short = ""


class DocumentIn(Strict):
    """`content` is the file in Base64, at most 700 KB this way; larger ones come by the page."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    content: Annotated[str, Field(min_length=1, max_length=960_000, pattern="^[A-Za-z0-9+/]+={0,2}$")]


class Removal(Strict):
    reason: Reason


class _TermsOut(Out):
    annual_value: Money
    term_months: int
    renewal_on: date
    notice_days: int
    payment_terms: Payment
    billing_cycle: Cycle
    support_level: Level
    uptime_target: Money | None
    latency_p99_ms: int | None
    error_rate_target: Money | None
    support_response_minutes: int | None
    rpo_minutes: int | None
    rto_minutes: int | None
    credit_tiers: list[TierOut]
    credit_cap: Money
    maintenance: Maintenance
    maintenance_minutes: int | None
    limits: dict[str, str | None]


class ContractOut(_TermsOut):
    """A contract with the terms in force (`version_number`; `versions` is the newest). Days are of `time_zone`.

    `days_left` to the renewal is null unless it runs; `notice_on` is the last day to give notice.
    """

    id: UUID
    number: int
    tenant_id: UUID
    tenant: str
    status: Status
    currency: str
    time_zone: str
    starts_on: date
    last_day: date
    ended_on: date | None
    termination_reason: str | None
    renews_id: UUID | None
    notice_on: date
    days_left: int | None
    version_number: int
    versions: int
    is_changing: bool
    effective_on: date
    csm_id: UUID | None
    csm: str | None
    account_executive: str
    documents: int
    created_at: datetime
    version: int


class ContractPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[ContractOut]
    next: str | None


class VersionOut(_TermsOut):
    number: int
    effective_on: date
    ends_on: date
    reason: str
    created_by_name: str
    created_at: datetime


class VersionList(Out):
    items: list[VersionOut]
    next: None


class PeriodOut(Out):
    """A period; without an invoice it is planned. `fee` is by today's terms, `total` with adjustments and credits."""

    period_start: date
    last_day: date
    fee: Money
    invoice_id: UUID | None
    number: str | None
    status: str | None
    issued_on: date | None
    due_on: date | None
    total: Money | None


class PeriodList(Out):
    items: list[PeriodOut]
    next: None


class RenewalOut(Out):
    id: UUID
    number: int
    tenant_id: UUID
    tenant: str
    stage: Stage
    currency: str
    annual_value: Money
    renewal_on: date
    last_day: date
    notice_on: date
    days_left: int
    is_urgent: bool
    csm_id: UUID | None
    csm: str | None
    account_executive: str
    open_tasks: int
    late_tasks: int
    next_task: date | None
    version: int


class RenewalList(Out):
    items: list[RenewalOut]
    next: None


class TaskOut(Out):
    id: UUID
    contract_id: UUID
    number: int
    tenant_id: UUID
    tenant: str
    title: str
    days_before: int
    renewal_on: date
    due_on: date
    is_late: bool
    assignee_id: UUID | None
    assignee: str | None
    note: str
    done_at: datetime | None
    done_by_name: str | None
    version: int


class TaskList(Out):
    items: list[TaskOut]
    next: None


class DocumentOut(Out):
    id: UUID
    name: str
    media_type: str
    size_bytes: int
    added_by_name: str
    created_at: datetime


class DocumentList(Out):
    items: list[DocumentOut]
    next: None


class CurrencyOut(Out):
    currency: str
    active: int
    arr: Money
    average_value: Money


class SummaryOut(Out):
    """`renewal_rate` is of the contracts that ended in the last 365 days; null when none did."""

    currencies: list[CurrencyOut]
    renewal_rate: float | None
    ended: int
    renewed: int
    renewals_90_days: int
    renewals_30_days: int

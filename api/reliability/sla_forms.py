"""What the SLA's routes answer."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from api.conventions import Out
from core.reliability.sla.metrics import Grain

Metric = Literal["uptime", "latency_p99", "error_rate", "support_response"]
Impact = Literal["minor", "major", "critical"]
Standing = Literal["counts", "asked", "excluded", "partly", "withdrawn"]
State = Literal["violated", "missed", "behind", "met", "unknown", "no_target"]
Sort = Literal["margin", "uptime", "violations", "tenant"]


class CustomerOut(Out):
    """One contract. Uptimes, targets and error rates are percent; null is what was not measured or not promised.

    `uptime`, `bad_minutes`, `observed_ratio`, `requests`, `error_rate` and `violations` are of the last 30 days, what begins
    with `month_` and the latency of the calendar month in the contract's zone, which `state` is about.
    """

    contract_id: UUID
    tenant_id: UUID
    tenant: str | None
    state: State
    is_current: bool
    uptime: float | None
    uptime_target: float | None
    margin: float | None
    bad_minutes: float
    observed_ratio: float | None
    month: datetime | None
    month_uptime: float | None
    month_bad_minutes: int | None
    latency_p99_ms: float | None
    latency_p99_target: float | None
    requests: float
    error_rate: float | None
    error_rate_target: float | None
    violations: int
    open_violations: int


class CustomerPage(Out):
    items: list[CustomerOut]
    next: str | None


class PeriodOut(Out):
    """An hour (UTC), or a day, month or quarter that begins at `bucket` in the contract's zone."""

    contract_id: UUID
    grain: Grain
    bucket: datetime
    tenant_id: UUID
    observed_minutes: int
    bad_minutes: int
    maintenance_minutes: int
    excluded_minutes: int
    unobserved_minutes: int
    uptime: float | None
    uptime_target: float | None
    requests: int
    errors: int
    error_rate: float | None
    error_rate_target: float | None
    latency_p50_ms: float | None
    latency_p95_ms: float | None
    latency_p99_ms: float | None
    latency_p99_target: float | None
    responses: int
    responses_late: int
    computed_at: datetime


class PeriodPage(Out):
    items: list[PeriodOut]
    next: str | None


class ViolationOut(Out):
    """`target` and `actual` are percent, milliseconds or minutes by the metric; `standing` is what it is worth after
    exclusions."""

    started_at: datetime
    id: UUID
    contract_id: UUID
    tenant_id: UUID
    tenant: str | None
    metric: Metric
    target: float
    actual: float | None
    impact: Impact
    minutes: int
    last_bad_at: datetime
    ended_at: datetime | None
    detected_at: datetime
    told_at: datetime | None
    ticket_id: UUID | None
    standing: Standing


class ViolationPage(Out):
    items: list[ViolationOut]
    next: str | None


class ExclusionOut(Out):
    """`decision` is null while it waits."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str
    asked_by_name: str
    created_at: datetime
    decision: Literal["approved", "refused", "withdrawn"] | None
    decided_at: datetime | None
    decided_by_name: str | None
    decision_note: str


class ViolationWhole(ViolationOut):
    detail: dict[str, Any]
    exclusions: list[ExclusionOut]


class BudgetOut(Out):
    """The error budget of a month. A burn rate of 1 uses it up exactly at the month's end; null is what is not known."""

    contract_id: UUID
    tenant_id: UUID
    month: date
    target: float
    observed_minutes: int
    bad_minutes: int
    budget_minutes: float
    consumed_ratio: float | None
    remaining_minutes: float | None
    burn_rate_1h: float | None
    burn_rate_6h: float | None
    burn_rate_1d: float | None
    burn_rate_3d: float | None
    exhausted_at: datetime | None


class BudgetList(Out):
    items: list[BudgetOut]
    next: None

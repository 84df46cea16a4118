"""What the API takes and answers about quotas."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from api.conventions import Instant, Out, Strict

Resource = Literal["users", "storage_bytes", "api_calls", "messages", "ai_spend"]
Policy = Literal["notify", "throttle", "block", "auto_upgrade"]
Tier = Literal["free", "basic", "pro", "enterprise"]
Decision = Literal["allowed", "throttled", "blocked"]
Outcome = Literal["waiting", "approved", "rejected", "withdrawn", "lapsed"]
Source = Literal["override", "seats", "plan", "none"]
Amount = Annotated[
    Decimal, Query(gt=0, le=10**12, max_digits=16, decimal_places=4, description="How much more is wanted.")
]
Share = Annotated[
    Decimal, Query(ge=Decimal("0.5"), le=10, max_digits=6, decimal_places=4, description="From this share on.")
]
Reason = Annotated[str, Field(min_length=1, max_length=500, examples=["Migration week"])]
ReasonQuery = Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")]
Meant = Annotated[bool, Query(description="That the limit may be below what is used already.")]


class QuotaOut(Out):
    """One resource of a tenant; null is unknown of `used`, and no limit of limits. `decision` is what the next use gets."""

    resource: Resource
    used: float | None
    limit: float | None
    plan_limit: float | None
    source: Source
    policy: Policy
    ratio: float | None
    decision: Decision
    decision_reason: str
    resets_at: datetime | None
    measured_at: datetime | None
    override_reason: str | None
    override_expires_at: datetime | None
    override_by: str | None
    override_version: int


class QuotaList(Out):
    items: list[QuotaOut]
    next: str | None


class DecisionOut(Out):
    """`rate_limit` and `rate_limit_policy` are the values of the headers RateLimit and RateLimit-Policy that the product may
    hand on (draft-ietf-httpapi-ratelimit-headers); null where there is no limit, or none that begins anew."""

    tenant_id: UUID
    resource: Resource
    decision: Decision
    reason: str
    policy: Policy
    limit: float | None
    used: float | None
    remaining: float | None
    resets_at: datetime | None
    measured_at: datetime | None
    retry_after_s: int | None
    rate_limit: str | None
    rate_limit_policy: str | None


class OverrideIn(Strict):
    """A limit of null is none. Without `expires_at` the override is for good. A limit below what is used already is accepted
    with `is_confirmed` alone."""

    limit: Annotated[Decimal, Field(ge=0, le=10**15, max_digits=19, decimal_places=4)] | None
    reason: Reason
    expires_at: Instant | None = None
    is_confirmed: bool = False


class OverrideOut(Out):
    tenant_id: UUID
    resource: Resource
    limit_value: float | None
    reason: str
    expires_at: datetime | None
    set_by_name: str
    version: int


class Why(Strict):
    reason: Reason


class UpgradeOut(Out):
    """A larger plan that is asked for; `requested_by` is null when the portal asked."""

    id: UUID
    tenant_id: UUID
    resource: Resource
    from_plan: str
    to_plan: str
    used: float | None
    limit_value: float | None
    reason: str
    requested_by: UUID | None
    requested_by_name: str
    created_at: datetime
    outcome: Outcome
    decided_at: datetime | None
    decided_by_name: str | None
    decision_reason: str | None
    version: int


class UpgradeList(Out):
    items: list[UpgradeOut]
    next: str | None


class NearOut(Out):
    tenant_id: UUID
    tenant: str
    tier: Tier
    status: str
    resource: Resource
    ratio: float
    used: float | None
    limit: float | None
    source: Source
    policy: Policy
    measured_at: datetime
    override_expires_at: datetime | None


class NearPage(Out):
    items: list[NearOut]
    next: str | None

"""What the API takes and tells of a tenant."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.conventions import Money, Out, Strict
from core.customers.tenants import rules, tagging

Status = Literal["active", "trial", "suspended", "deleted", "purged"]
Health = Literal["healthy", "degraded", "down", "unknown"]
Interval = Literal["monthly", "yearly"]
Tier = Literal["free", "basic", "pro", "enterprise"]
Region = Literal["US", "EU", "APAC"]
Name = Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME, examples=["Acme"])]
Domain = Annotated[str, Field(min_length=3, max_length=253, examples=["acme.example"])]
Seats = Annotated[int, Field(strict=True, ge=1, le=rules.MAX_SEATS, examples=[25])]
Tag = Annotated[str, Field(min_length=1, max_length=tagging.MAX_LENGTH, examples=["pilot"])]
Reason = Annotated[str, Field(min_length=1, max_length=500, examples=["Invoices unpaid since May"])]


class TenantOut(Out):
    """A tenant; times in UTC."""

    id: UUID
    name: str
    domain: str
    status: Status
    tier: Tier
    region: Region
    seats: int
    tags: list[str]
    owner_id: UUID | None
    csm_id: UUID | None
    trial_ends_on: date | None
    created_at: datetime
    suspended_at: datetime | None
    suspension_reason: str | None
    deleted_at: datetime | None
    deletion_reason: str | None
    purge_after: datetime | None = Field(description="Until then a deleted tenant can be restored.")
    version: int


class TenantRow(TenantOut):
    """A tenant with its figures as last computed at `computed_at`; null is unknown, or not for your eyes."""

    csm: str | None
    seats_used: int | None
    users_active_30d: int | None
    messages_30d: int | None
    messages_30d_before: int | None
    api_calls_30d: int | None
    errors_24h: int | None
    open_alerts: int | None
    open_tickets: int | None
    mrr: Money | None
    revenue_30d: Money | None
    currency: str | None
    health: Health
    health_reason: str | None
    computed_at: datetime | None


class TenantPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[TenantRow]
    next: str | None


class OwnerIn(Strict):
    """The person of the tenant's own who answers for it; becomes its first administrator."""

    name: str = Field(min_length=1, max_length=120, examples=["Ann Berg"])
    email: str = Field(min_length=3, max_length=254, examples=["ann@acme.example"])


class TenantIn(Strict):
    """With `trial_ends_on` the tenant is on trial until the end of that day, else it is active."""

    name: Name
    domain: Domain
    tier: Tier = "basic"
    region: Region = "US"
    seats: Seats = 10
    interval: Interval = "monthly"
    trial_ends_on: date | None = None
    owner: OwnerIn | None = None


class TenantChange(Strict):
    """Only what is given is changed; `csm_id` may be given as null. A change of `tier` or `seats` is one of the subscription."""

    name: Name | None = None
    domain: Domain | None = None
    tier: Tier | None = None
    region: Region | None = None
    seats: Seats | None = None
    tags: list[Tag] | None = None
    csm_id: UUID | None = None


class Suspension(Strict):
    reason: Reason


class RemovedOut(Out):
    table: str
    rows: int


class KeptOut(RemovedOut):
    reason: str


class CertificateOut(Out):
    """`document` is canonical JSON: `digest` is its SHA-256 in hexadecimal, `signature` Ed25519 over its bytes, which
    `public_key` checks (both base64). `problem` is null while all of them agree."""

    number: str
    tenant_id: UUID
    issued_at: datetime
    document: str
    digest: str
    signature: str
    key_id: str
    public_key: str
    problem: str | None
    removed: list[RemovedOut]
    kept: list[KeptOut]


class UsageOut(Out):
    """What is known of a tenant's use; null is unknown. Calls are those of its own API keys over the last 30 days, rolled up
    every half minute; `storage_bytes` and `ai_calls` are not measured yet."""

    tenant_id: UUID
    seats: int
    seats_used: int | None
    users: int | None
    users_active_30d: int | None
    api_calls_30d: int | None
    api_errors_30d: int | None
    storage_bytes: int | None
    ai_calls_30d: int | None
    counted_at: datetime | None

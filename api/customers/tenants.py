"""Tenants for machines: the same queries and actions as the page, under the same rights."""

from dataclasses import asdict
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Money,
    Once,
    Out,
    Search,
    Strict,
    area,
    collection,
    documented,
    entity,
)
from core.customers.subscriptions import actions as subscriptions
from core.customers.tenants import actions, queries, rules, tagging, usage
from core.customers.tenants.purge import pdf
from core.customers.tenants.purge import queries as purge
from core.kernel.actor import Actor

router = area("/superadmin/tenants", "tenants")
PATH = "/api/v1/superadmin/tenants"
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "The certificate."}}

Status = Literal["active", "trial", "suspended", "deleted", "purged"]
Health = Literal["healthy", "degraded", "down", "unknown"]
Interval = Literal["monthly", "yearly"]
Tier = Literal["free", "basic", "pro", "enterprise"]
Region = Literal["US", "EU", "APAC"]
Sort = StrEnum("Sort", {one: one for one in queries.SORTS})  # type: ignore[misc]  # made of the sortable columns
NEWEST = Sort("-created_at")
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
    """Only what is given is changed; `csm_id` may be given as null. A change of `tier` is a change of the subscription."""

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


def _current(actor: Actor, tenant_id: UUID) -> int:
    version: int = queries.one(actor, tenant_id)["version"]
    return version


def _against(actor: Actor, tenant_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: _current(actor, tenant_id))


@router.get("", response_model=TenantPage)
def list_tenants(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    search: Annotated[Search, Query(description="Start of a name or domain, or an id.")] = "",
    status: Annotated[tuple[Status, ...], Query()] = (),
    tier: Annotated[tuple[Tier, ...], Query()] = (),
    region: Annotated[tuple[Region, ...], Query()] = (),
    health: Annotated[tuple[Health, ...], Query()] = (),
    csm_id: Annotated[tuple[UUID, ...], Query(description="Who answers for it.")] = (),
    tag: Annotated[tuple[Tag, ...], Query(description="One of them is enough.")] = (),
    over_quota: Annotated[bool | None, Query(description="More people than seats.")] = None,
    sort: Sort = NEWEST,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The tenants in your scope, newest first; deleted and purged ones only with their status. Unknown figures sort last."""
    filters = queries.Filters(search, status, tier, region, health, csm_id, tag, over_quota)
    page = queries.listing(actor, filters, after=cursor, limit=limit, sort=sort.value)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("", status_code=201, response_model=TenantOut)
def create_tenant(request: Request, actor: CurrentActor, given: TenantIn, once: Once) -> Response:
    """Makes a tenant, with its subscription and, where given, its owner. 422 names a domain that is in use."""
    owner = actions.Owner(given.owner.name, given.owner.email) if given.owner else None
    tenant = actions.create(actor, **given.model_dump(exclude={"owner"}), owner=owner, once=once)
    return entity(request, TenantOut.model_validate(tenant), status=201, location=f"{PATH}/{tenant.id}")


@router.get("/{tenant_id}", response_model=TenantOut)
def get_tenant(request: Request, actor: CurrentActor, tenant_id: UUID) -> Response:
    """One tenant, with its version as ETag."""
    return entity(request, queries.one(actor, tenant_id))


@router.get("/{tenant_id}/usage", response_model=UsageOut)
def get_tenant_usage(request: Request, actor: CurrentActor, tenant_id: UUID) -> Response:
    """Seats, people and API calls of a tenant, as far as they are known."""
    known = asdict(usage.usage(actor, tenant_id))
    return entity(request, {**known, "storage_bytes": None, "ai_calls_30d": None})


@router.get("/{tenant_id}/certificate", response_model=CertificateOut)
def get_certificate(request: Request, actor: CurrentActor, tenant_id: UUID) -> Response:
    """The certificate of deletion of a purged tenant: what was removed, and what is kept for which reason."""
    found = purge.certificate_of(actor, tenant_id)
    content = found.pop("content")
    return entity(request, {**found, "removed": content["removed"], "kept": content["kept"]})


@router.get("/{tenant_id}/certificate.pdf", response_class=Response, responses=_PDF)
def get_certificate_pdf(actor: CurrentActor, tenant_id: UUID) -> Response:
    """The same as a document to hand on."""
    found = purge.certificate_of(actor, tenant_id)
    name = {"Content-Disposition": f'attachment; filename="{found["number"]}.pdf"'}
    return Response(pdf.render(found), 200, name, "application/pdf")


@router.patch("/{tenant_id}", response_model=TenantOut)
def change_tenant(
    request: Request, actor: CurrentActor, tenant_id: UUID, given: TenantChange, match: IfMatch
) -> Response:
    """Changes a tenant. With If-Match, 412 when somebody was faster; without it, your values win.

    A `tier` is changed last, as a change of the subscription from now on; it takes subscriptions:update.
    """
    values = given.model_dump(exclude_unset=True)
    tier = values.pop("tier", None)
    kept = {name: value for name, value in values.items() if value is not None or name == "csm_id"}
    version = _against(actor, tenant_id, match) or _current(actor, tenant_id)
    tenant = actions.update(actor, tenant_id, version=version, **kept)
    if tier is None or tier == tenant.tier:
        return entity(request, TenantOut.model_validate(tenant))
    subscriptions.change_plan(actor, tenant_id, plan_key=tier)
    return entity(request, TenantOut.model_validate(queries.one(actor, tenant_id)))


@router.delete("/{tenant_id}", response_model=TenantOut, responses=documented(428))
def delete_tenant(
    request: Request, actor: CurrentActor, tenant_id: UUID, match: IfMatch,
    reason: Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")],
) -> Response:  # fmt: skip
    """Takes a tenant out of use and cancels its subscription. It can be restored for 30 days, then its data are purged.
    If-Match is required."""
    match.require()
    tenant = actions.delete(actor, tenant_id, reason=reason, version=_against(actor, tenant_id, match))
    return entity(request, TenantOut.model_validate(tenant))


@router.post("/{tenant_id}/restore", response_model=TenantOut)
def restore_tenant(request: Request, actor: CurrentActor, tenant_id: UUID, match: IfMatch) -> Response:
    """Brings a deleted tenant and its subscription back, as long as its 30 days are not over."""
    tenant = actions.restore(actor, tenant_id, version=_against(actor, tenant_id, match))
    return entity(request, TenantOut.model_validate(tenant))


@router.post("/{tenant_id}/suspend", response_model=TenantOut)
def suspend_tenant(
    request: Request, actor: CurrentActor, tenant_id: UUID, given: Suspension, match: IfMatch
) -> Response:
    """Suspends a tenant: its campaigns pause, its API keys are refused, and its administrators are told the reason."""
    version = _against(actor, tenant_id, match)
    return entity(
        request, TenantOut.model_validate(actions.suspend(actor, tenant_id, reason=given.reason, version=version))
    )


@router.post("/{tenant_id}/reactivate", response_model=TenantOut)
def reactivate_tenant(request: Request, actor: CurrentActor, tenant_id: UUID, match: IfMatch) -> Response:
    """Makes a suspended tenant active again."""
    tenant = actions.reactivate(actor, tenant_id, version=_against(actor, tenant_id, match))
    return entity(request, TenantOut.model_validate(tenant))

"""Tenants for machines: the same queries and actions as the page, under the same rights."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Once,
    Out,
    Search,
    Strict,
    area,
    collection,
    documented,
    entity,
)
from core.customers.tenants import actions, queries, rules, usage
from core.kernel.actor import Actor

router = area("/superadmin/tenants", "tenants")
PATH = "/api/v1/superadmin/tenants"

Status = Literal["active", "trial", "suspended", "deleted"]
Tier = Literal["free", "basic", "pro", "enterprise"]
Region = Literal["US", "EU", "APAC"]
Sort = Literal["-created_at", "created_at", "-name", "name"]
Name = Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME, examples=["Acme"])]
Domain = Annotated[str, Field(min_length=3, max_length=253, examples=["acme.example"])]
Seats = Annotated[int, Field(strict=True, ge=1, le=rules.MAX_SEATS, examples=[25])]
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
    created_at: datetime
    suspended_at: datetime | None
    suspension_reason: str | None
    version: int


class TenantPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[TenantOut]
    next: str | None


class TenantIn(Strict):
    name: Name
    domain: Domain
    tier: Tier = "basic"
    region: Region = "US"
    seats: Seats = 10


class TenantChange(Strict):
    """Only what is given is changed."""

    name: Name | None = None
    domain: Domain | None = None
    tier: Tier | None = None
    region: Region | None = None
    seats: Seats | None = None


class Suspension(Strict):
    reason: Reason


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
    sort: Sort = "-created_at",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The tenants in your scope, newest first; deleted ones only with status=deleted."""
    filters = queries.Filters(search, status, tier, region)
    page = queries.listing(actor, filters, after=cursor, limit=limit, sort=sort)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("", status_code=201, response_model=TenantOut)
def create_tenant(request: Request, actor: CurrentActor, given: TenantIn, once: Once) -> Response:
    """Makes an active tenant."""
    tenant = actions.create(actor, **given.model_dump(), once=once)
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


@router.patch("/{tenant_id}", response_model=TenantOut)
def change_tenant(
    request: Request, actor: CurrentActor, tenant_id: UUID, given: TenantChange, match: IfMatch
) -> Response:
    """Changes a tenant. With If-Match, 412 when somebody was faster; without it, your values win."""
    values = given.model_dump(exclude_none=True)
    version = _against(actor, tenant_id, match) or _current(actor, tenant_id)
    tenant = actions.update(actor, tenant_id, version=version, **values)
    return entity(request, TenantOut.model_validate(tenant))


@router.delete("/{tenant_id}", response_model=TenantOut, responses=documented(428))
def delete_tenant(
    request: Request, actor: CurrentActor, tenant_id: UUID, match: IfMatch,
    reason: Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")],
) -> Response:  # fmt: skip
    """Takes a tenant out of use; its data stay, and it can be restored. If-Match is required."""
    match.require()
    tenant = actions.delete(actor, tenant_id, reason=reason, version=_against(actor, tenant_id, match))
    return entity(request, TenantOut.model_validate(tenant))


@router.post("/{tenant_id}/restore", response_model=TenantOut)
def restore_tenant(request: Request, actor: CurrentActor, tenant_id: UUID, match: IfMatch) -> Response:
    """Brings a deleted tenant back."""
    tenant = actions.restore(actor, tenant_id, version=_against(actor, tenant_id, match))
    return entity(request, TenantOut.model_validate(tenant))


@router.post("/{tenant_id}/suspend", response_model=TenantOut)
def suspend_tenant(
    request: Request, actor: CurrentActor, tenant_id: UUID, given: Suspension, match: IfMatch
) -> Response:
    """Suspends a tenant; its administrators are told the reason."""
    version = _against(actor, tenant_id, match)
    return entity(
        request, TenantOut.model_validate(actions.suspend(actor, tenant_id, reason=given.reason, version=version))
    )


@router.post("/{tenant_id}/reactivate", response_model=TenantOut)
def reactivate_tenant(request: Request, actor: CurrentActor, tenant_id: UUID, match: IfMatch) -> Response:
    """Makes a suspended tenant active again."""
    tenant = actions.reactivate(actor, tenant_id, version=_against(actor, tenant_id, match))
    return entity(request, TenantOut.model_validate(tenant))

"""Tenants for machines: the same queries and actions as the page, under the same rights."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response, status
from pydantic import BaseModel, ConfigDict

from api.identity import CurrentActor
from core.customers.tenants import actions, queries
from core.customers.tenants.models import Tenant
from core.kernel.errors import Invalid

router = APIRouter(prefix="/superadmin/tenants", tags=["tenants"])

Tier = Literal["free", "basic", "pro", "enterprise"]
Region = Literal["US", "EU", "APAC"]
IfMatch = Annotated[str | None, Header(description='The version that the change begins from, such as "3" (the ETag).')]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TenantOut(BaseModel):
    """A tenant; times in UTC."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    domain: str
    status: Literal["active", "trial", "suspended", "deleted"]
    tier: Tier
    region: Region
    seats: int
    created_at: datetime
    suspended_at: datetime | None
    suspension_reason: str | None
    version: int


class TenantPage(BaseModel):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[TenantOut]
    next: str | None


class TenantIn(Strict):
    name: str
    domain: str
    tier: Tier = "basic"
    region: Region = "US"
    seats: int = 10


class TenantChange(Strict):
    """Only what is given is changed."""

    name: str | None = None
    domain: str | None = None
    tier: Tier | None = None
    region: Region | None = None
    seats: int | None = None


class Suspension(Strict):
    reason: str


def _version(if_match: str | None) -> int | None:
    if if_match is None:
        return None
    digits = if_match.strip().removeprefix("W/").strip('"')
    if not digits.isdigit():
        raise Invalid(
            'If-Match must be the version in quotes, such as "3".', {"If-Match": "Use the ETag you were given."}
        )
    return int(digits)


def _answer(response: Response, tenant: Tenant | dict[str, Any]) -> TenantOut:
    out = TenantOut.model_validate(tenant)
    response.headers["ETag"] = f'"{out.version}"'
    return out


@router.get("")
def list_tenants(
    actor: CurrentActor,
    search: Annotated[str, Query(max_length=200, description="Start of a name or domain, or an id.")] = "",
    tenant_status: Annotated[tuple[str, ...], Query(alias="status")] = (),
    tier: Annotated[tuple[Tier, ...], Query()] = (),
    region: Annotated[tuple[Region, ...], Query()] = (),
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TenantPage:
    """The tenants in your scope, newest first; deleted ones only with status=deleted."""
    filters = queries.Filters(search, tenant_status, tier, region)
    page = queries.directory(actor, filters, after=cursor, limit=limit)
    rows = page.frame.drop(columns="seats_used").astype(object)
    items = [TenantOut.model_validate(row) for row in rows.where(rows.notna(), None).to_dict("records")]
    return TenantPage(items=items, next=page.next)


@router.post("", status_code=status.HTTP_201_CREATED)
def create_tenant(
    actor: CurrentActor, given: TenantIn, response: Response,
    idempotency_key: Annotated[str | None, Header(max_length=200, description="A second call with it answers 409.")] = None,
) -> TenantOut:  # fmt: skip
    """Makes an active tenant."""
    once = f"api:{actor.operator_id}:{idempotency_key}" if idempotency_key else None
    tenant = actions.create(actor, **given.model_dump(), once=once)
    response.headers["Location"] = f"/api/v1/superadmin/tenants/{tenant.id}"
    return _answer(response, tenant)


@router.get("/{tenant_id}")
def get_tenant(actor: CurrentActor, tenant_id: UUID, response: Response) -> TenantOut:
    """One tenant, with its version as ETag."""
    return _answer(response, queries.one(actor, tenant_id))


@router.patch("/{tenant_id}")
def change_tenant(
    actor: CurrentActor, tenant_id: UUID, given: TenantChange, response: Response, if_match: IfMatch = None
) -> TenantOut:
    """Changes a tenant. With If-Match, 409 when somebody was faster."""
    values = given.model_dump(exclude_none=True)
    version = _version(if_match) or queries.one(actor, tenant_id)["version"]
    return _answer(response, actions.update(actor, tenant_id, version=version, **values))


@router.post("/{tenant_id}/suspend")
def suspend_tenant(
    actor: CurrentActor, tenant_id: UUID, given: Suspension, response: Response, if_match: IfMatch = None
) -> TenantOut:
    """Suspends a tenant; its administrators are told the reason."""
    return _answer(response, actions.suspend(actor, tenant_id, reason=given.reason, version=_version(if_match)))


@router.post("/{tenant_id}/reactivate")
def reactivate_tenant(actor: CurrentActor, tenant_id: UUID, response: Response, if_match: IfMatch = None) -> TenantOut:
    """Makes a suspended tenant active again."""
    return _answer(response, actions.reactivate(actor, tenant_id, version=_version(if_match)))

"""Tenants for machines: the same queries and actions as the page, under the same rights."""

from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Once,
    Search,
    area,
    collection,
    documented,
    entity,
)
from api.customers.tenant_forms import (
    CertificateOut,
    Health,
    Region,
    Status,
    Suspension,
    Tag,
    TenantChange,
    TenantIn,
    TenantOut,
    TenantPage,
    Tier,
    UsageOut,
)
from core.customers.subscriptions import actions as subscriptions
from core.customers.tenants import actions, queries, usage
from core.customers.tenants.purge import pdf
from core.customers.tenants.purge import queries as purge
from core.kernel.actor import Actor
from core.kernel.errors import Invalid

router = area("/superadmin/tenants", "tenants")
PATH = "/api/v1/superadmin/tenants"
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": {}}, "description": "The certificate."}}

Sort = StrEnum("Sort", {one: one for one in queries.SORTS})  # type: ignore[misc]  # made of the sortable columns
NEWEST = Sort("-created_at")
_ALONE = "Tier and seats belong to the subscription: change them in a request of their own."


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

    `tier` and `seats` change the subscription from now on: it takes subscriptions:update, and a request of their own.
    """
    values = given.model_dump(exclude_unset=True)
    kept = {name: value for name, value in values.items() if value is not None or name == "csm_id"}
    now = queries.one(actor, tenant_id)
    sold = {name: kept.pop(name) for name in ("tier", "seats") if name in kept}
    changes = {name: value for name, value in sold.items() if value != now[name]}
    if changes and kept:
        raise Invalid(_ALONE, dict.fromkeys(changes, _ALONE))
    version = match.against(lambda: now["version"])
    if changes:
        subscriptions.change_plan(
            actor, tenant_id, plan_key=changes.get("tier"), seats=changes.get("seats"), tenant_version=version
        )
        return entity(request, TenantOut.model_validate(queries.one(actor, tenant_id)))
    tenant = actions.update(actor, tenant_id, version=version or now["version"], **kept)
    return entity(request, TenantOut.model_validate(tenant))


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

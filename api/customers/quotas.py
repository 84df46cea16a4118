"""Quotas for machines: what tenants may use, whether they may use more, overrides, and larger plans."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Out,
    Search,
    area,
    collection,
    entity,
    nothing,
    records,
)
from api.customers.quota_forms import (
    Amount,
    DecisionOut,
    Meant,
    NearOut,
    NearPage,
    Outcome,
    OverrideIn,
    OverrideOut,
    Policy,
    QuotaList,
    QuotaOut,
    ReasonQuery,
    Resource,
    Share,
    Tier,
    UpgradeList,
    UpgradeOut,
    Why,
)
from core.customers.quotas import actions, deciding, queries
from core.customers.quotas.models import QuotaUpgrade
from core.kernel.actor import Actor
from core.kernel.times import utc_now

of_tenants = area("/superadmin/tenants", "quotas")
router = area("/superadmin/quotas", "quotas")


def _named(row: dict[str, Any], model: type[Out]) -> dict[str, Any]:
    known = row | ({"limit": row["limit_value"]} if "limit_value" in row else {})
    return {name: known[name] for name in model.model_fields}


@of_tenants.get("/{tenant_id}/quotas", response_model=QuotaList)
def list_tenant_quotas(request: Request, actor: CurrentActor, tenant_id: UUID, fields: Fields) -> Response:
    """What a tenant may use and does use, resource by resource."""
    rows = records(queries.of_tenant(actor, tenant_id))
    return collection(request, [_named(row, QuotaOut) for row in rows], fields=fields)


@of_tenants.get("/{tenant_id}/quotas/{resource}/decision", response_model=DecisionOut)
def decide_on_tenant_quota(
    request: Request, actor: CurrentActor, tenant_id: UUID, resource: Resource, amount: Amount | None = None
) -> Response:
    """Whether the tenant may use more: what is asked for, or the least there is. Cheap: for the product to ask often."""
    now = utc_now()
    found = deciding.check(actor, tenant_id, resource, amount=amount, now=now)
    return entity(request, asdict(found) | _headers(found, now))


def _headers(found: deciding.Check, now: datetime) -> dict[str, Any]:
    if found.resets_at is None:
        return {"retry_after_s": None, "rate_limit": None, "rate_limit_policy": None}
    left = max(int((found.resets_at - now).total_seconds()) + 1, 1)
    told: dict[str, Any] = {
        "retry_after_s": None if found.decision == "allowed" else left,
        "rate_limit": None,
        "rate_limit_policy": None,
    }
    if found.limit is not None:
        month = int((found.resets_at - _month_before(found.resets_at)).total_seconds())
        told["rate_limit_policy"] = f'"{found.resource}";q={int(found.limit)};w={month}'
        if found.remaining is not None:
            told["rate_limit"] = f'"{found.resource}";r={int(found.remaining)};t={left}'
    return told


def _month_before(end: datetime) -> datetime:
    return end.replace(year=end.year - (end.month == 1), month=end.month - 1 or 12)


@of_tenants.put("/{tenant_id}/quotas/{resource}/override", response_model=OverrideOut)
def set_tenant_quota_override(
    request: Request, actor: CurrentActor, tenant_id: UUID, resource: Resource, given: OverrideIn, match: IfMatch
) -> Response:
    """Gives a tenant a limit of its own. With If-Match, 412 when somebody was faster."""
    version = _version(actor, tenant_id, resource, match)
    row = actions.set_override(actor, tenant_id, resource, **given.model_dump(), version=version)
    return entity(request, OverrideOut.model_validate(row))


@of_tenants.delete("/{tenant_id}/quotas/{resource}/override", status_code=204)
def clear_tenant_quota_override(
    actor: CurrentActor,
    tenant_id: UUID,
    resource: Resource,
    match: IfMatch,
    reason: ReasonQuery,
    is_confirmed: Meant = False,
) -> Response:
    """Lets the plan decide again."""
    version = _version(actor, tenant_id, resource, match)
    actions.clear_override(actor, tenant_id, resource, reason=reason, version=version, is_confirmed=is_confirmed)
    return nothing()


def _version(actor: Actor, tenant_id: UUID, resource: str, match: IfMatch) -> int | None:
    def present() -> int:
        found = queries.of_tenant(actor, tenant_id).set_index("resource")
        return int(found["override_version"][resource])

    return match.against(present)


@of_tenants.post("/{tenant_id}/quotas/{resource}/upgrade", status_code=201, response_model=UpgradeOut)
def request_tenant_upgrade(
    request: Request, actor: CurrentActor, tenant_id: UUID, resource: Resource, given: Why
) -> Response:
    """Asks for the next plan with room for what is used; a colleague decides."""
    row = actions.request_upgrade(actor, tenant_id, resource, reason=given.reason)
    return entity(request, _request(row), status=201)


@router.get("", response_model=NearPage)
def list_near_quotas(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    search: Annotated[Search, Query(description="Start of a tenant's name or domain, or its id.")] = "",
    resource: Annotated[tuple[Resource, ...], Query()] = (),
    policy: Annotated[tuple[Policy, ...], Query()] = (),
    tier: Annotated[tuple[Tier, ...], Query()] = (),
    least: Share = Decimal("0.8"),
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Who is near a limit or over it in your scope, the most used share first."""
    filters = queries.Filters(search, resource, policy, tier, least)
    page = queries.near(actor, filters, after=cursor, limit=limit)
    rows = [_named(row, NearOut) for row in records(page.frame)]
    return collection(request, rows, page.next, fields=fields)


@router.get("/upgrades", response_model=UpgradeList)
def list_quota_upgrades(
    request: Request, actor: CurrentActor, fields: Fields, outcome: Outcome = "waiting", tenant_id: UUID | None = None
) -> Response:
    """Larger plans that were asked for: the 100 that wait longest, or the 100 latest."""
    found = queries.upgrades(actor, outcomes=(outcome,), tenant_id=tenant_id)
    return collection(request, [_named(row, UpgradeOut) for row in records(found)], fields=fields)


@router.post("/upgrades/{upgrade_id}/approve", response_model=UpgradeOut)
def approve_quota_upgrade(request: Request, actor: CurrentActor, upgrade_id: UUID) -> Response:
    """Lets the tenant have the larger plan. Not for who asked."""
    return entity(request, _request(actions.approve_upgrade(actor, upgrade_id)))


@router.post("/upgrades/{upgrade_id}/reject", response_model=UpgradeOut)
def reject_quota_upgrade(request: Request, actor: CurrentActor, upgrade_id: UUID, given: Why) -> Response:
    """Leaves the tenant at its plan. Not for who asked."""
    return entity(request, _request(actions.reject_upgrade(actor, upgrade_id, reason=given.reason)))


@router.post("/upgrades/{upgrade_id}/withdraw", response_model=UpgradeOut)
def withdraw_quota_upgrade(request: Request, actor: CurrentActor, upgrade_id: UUID) -> Response:
    """Takes your own request back."""
    return entity(request, _request(actions.withdraw_upgrade(actor, upgrade_id)))


def _request(row: QuotaUpgrade) -> UpgradeOut:
    return UpgradeOut.model_validate(row)

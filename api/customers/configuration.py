"""Settings of tenants for machines: what counts, overrides, requests; the same queries and actions as the page."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    IfMatch,
    Instant,
    Limit,
    Out,
    Strict,
    area,
    collection,
    documented,
    entity,
    nothing,
)
from core.customers.configuration import actions, queries

router = area("/superadmin", "configuration")

Kind = Literal["boolean", "integer", "text", "choice", "list", "secret"]
Source = Literal["default", "plan", "override"]
Outcome = Literal["waiting", "approved", "rejected", "withdrawn"]
Key = Annotated[str, Path(max_length=80, examples=["api.calls_per_minute"])]
Reason = Annotated[str, Field(min_length=1, max_length=500, examples=["Load test in May"])]


class SettingOut(Out):
    """One setting of the catalogue. `control` limited: it changes only with the approval of a second person."""

    key: str
    title: str
    area: str
    kind: Kind
    default: Any
    about: str
    unit: str
    options: list[str]
    minimum: int | None
    maximum: int | None
    sensitivity: Literal["normal", "sensitive", "secret"]
    control: Literal["direct", "limited"]


class SettingList(Out):
    items: list[SettingOut]
    next: str | None


class EffectiveValue(Out):
    """`value` is null of a secret: `is_set` says whether there is one."""

    value: Any
    source: Source
    is_set: bool


class EffectiveOut(Out):
    """Every setting by its key; `version` changes whenever any of them does."""

    tenant_id: UUID
    plan: str
    settings: dict[str, EffectiveValue]
    version: str


class TenantSettingOut(Out):
    """What counts for the tenant and why; reason to version are those of the override, `version` is 0 without one."""

    key: str
    value: Any
    is_set: bool
    source: Source
    default: Any
    plan_value: Any
    problem: str | None
    reason: str | None
    expires_at: datetime | None
    set_by_name: str | None
    approved_by_name: str | None
    set_at: datetime | None
    waiting: bool
    version: int


class OverrideIn(Strict):
    """`value` is of the setting's kind: true, 60, "weekly", ["example.com"]; a secret is a text."""

    value: Annotated[bool | int | str | list[Annotated[str, Field(max_length=500)]], Field(examples=[600])]
    reason: Reason
    expires_at: Instant | None = None


class SettingRequestOut(Out):
    """A change that waits for a second person, or what became of it; `value` is null of a secret."""

    id: UUID
    tenant_id: UUID
    tenant: str
    key: str
    operation: Literal["set", "clear"]
    value: Any
    reason: str
    expires_at: datetime | None
    proposed_by_name: str
    created_at: datetime
    outcome: Outcome
    decided_at: datetime | None
    decided_by_name: str | None
    decision_reason: str | None
    version: int


class SettingRequestPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[SettingRequestOut]
    next: str | None


@router.get("/configuration/settings", response_model=SettingList)
def list_settings(request: Request, actor: CurrentActor) -> Response:
    """The catalogue: every setting that a tenant can have."""
    items = [SettingOut.model_validate(one).model_dump() for one in queries.settings(actor)]
    return collection(request, items)


@router.get("/configuration/requests", response_model=SettingRequestPage)
def list_setting_requests(
    request: Request,
    actor: CurrentActor,
    outcome: Outcome | None = None,
    tenant_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Requests for tenants in your scope, newest first. Persons make and decide them, in the portal."""
    filters = queries.Filters(outcome=outcome, tenant_id=tenant_id)
    page = queries.request_listing(actor, filters, after=cursor, limit=limit)
    items = [{name: row[name] for name in SettingRequestOut.model_fields} for row in page.rows]
    return collection(request, items, page.next)


@router.get("/tenants/{tenant_id}/configuration", response_model=EffectiveOut)
def get_tenant_configuration(request: Request, actor: CurrentActor, tenant_id: UUID) -> Response:
    """What counts for the tenant now. Ask again with If-None-Match: 304 as long as nothing changed."""
    found = queries.whole(actor, tenant_id)
    return entity(
        request,
        {"tenant_id": found.tenant_id, "plan": found.plan, "settings": found.settings, "version": found.digest},
    )


@router.get("/tenants/{tenant_id}/configuration/{key}", response_model=TenantSettingOut)
def get_tenant_setting(request: Request, actor: CurrentActor, tenant_id: UUID, key: Key) -> Response:
    """One setting of the tenant, with the version of its override as ETag."""
    return entity(request, _told(queries.one(actor, tenant_id, key)))


def _told(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in TenantSettingOut.model_fields}


@router.put("/tenants/{tenant_id}/configuration/{key}", response_model=TenantSettingOut)
def set_tenant_setting(
    request: Request, actor: CurrentActor, tenant_id: UUID, key: Key, given: OverrideIn, match: IfMatch
) -> Response:
    """Gives the tenant a value of its own. A limited setting is refused: that takes a request and a second person."""
    version = match.against(lambda: int(queries.one(actor, tenant_id, key)["version"]))
    actions.set_override(actor, tenant_id, key, **given.model_dump(), version=version)
    return entity(request, _told(queries.one(actor, tenant_id, key)))


@router.delete("/tenants/{tenant_id}/configuration/{key}", status_code=204, responses=documented(428))
def clear_tenant_setting(
    actor: CurrentActor, tenant_id: UUID, key: Key, match: IfMatch,
    reason: Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")],
) -> Response:  # fmt: skip
    """Lets plan and default decide again. If-Match is required."""
    match.require()
    version = match.against(lambda: int(queries.one(actor, tenant_id, key)["version"]))
    actions.clear_override(actor, tenant_id, key, reason=reason, version=version)
    return nothing()

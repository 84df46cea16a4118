"""Whom flags reach, for machines: overrides, who has a flag, and why one context gets what it gets."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Instant,
    Limit,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
    nothing,
    records,
)
from api.platform.flags import Environment
from core.platform.flags import actions, queries

router = area("/superadmin/flags", "flags")


class OverrideOut(Out):
    """What one tenant gets whatever the rules say."""

    id: UUID
    flag_id: UUID
    environment: Environment
    tenant_id: UUID
    variant: str | None
    config: dict[str, Any] | None
    expires_at: datetime | None
    reason: str
    created_at: datetime


class OverrideList(Out):
    items: list[OverrideOut]
    next: str | None


class OverrideIn(Strict):
    """A variant, settings that are laid over the flag's own, or both."""

    variant: Annotated[str, Field(max_length=60)] | None = None
    config: dict[str, Any] | None = None
    expires_at: Instant | None = None
    reason: Annotated[str, Field(min_length=1, max_length=500, examples=["Pilot until March"])]


class WhoOut(Out):
    tenant_id: UUID
    tenant: str
    plan: str
    region: str
    status: str
    variant: str
    reason: str
    sentence: str


class WhoPage(Out):
    items: list[WhoOut]
    next: str | None


class Asked(Strict):
    """`context` has tenant_id, user_id and any other attribute; plan, region and status of a tenant are known."""

    environment: Environment = "production"
    context: dict[str, Any] = Field(default_factory=dict)


class Explained(Out):
    """`reason` is OpenFeature's, `sentence` says it; `bucket` is the context's place in percentages, null without a unit."""

    variant: str
    value: Any
    reason: str
    sentence: str
    config: dict[str, Any]
    error_code: str | None
    context: dict[str, Any]
    bucket: float | None


@router.get("/{flag_id}/overrides", response_model=OverrideList)
def list_flag_overrides(
    request: Request, actor: CurrentActor, flag_id: UUID, environment: Environment | None = None
) -> Response:
    """The overrides of tenants in your scope, newest first, at most 1,000."""
    queries.one(actor, flag_id)
    frame = queries.overrides(actor, flag_id=flag_id, environment=environment)
    return collection(request, records(frame[list(OverrideOut.model_fields)]))


@router.put("/{flag_id}/environments/{environment}/overrides/{tenant_id}", response_model=OverrideOut)
def set_flag_override(
    request: Request, actor: CurrentActor, flag_id: UUID, environment: Environment, tenant_id: UUID, given: OverrideIn
) -> Response:
    """Gives a tenant a variant, settings or both; what it has already is replaced."""
    made = actions.set_override(actor, flag_id, tenant_id, environment=environment, **given.model_dump())
    return entity(request, OverrideOut.model_validate(made))


@router.delete("/{flag_id}/environments/{environment}/overrides/{tenant_id}", status_code=204)
def clear_flag_override(actor: CurrentActor, flag_id: UUID, environment: Environment, tenant_id: UUID) -> Response:
    """Lets the rules decide for the tenant again."""
    actions.clear_override(actor, flag_id, tenant_id, environment=environment)
    return nothing()


@router.get("/{flag_id}/environments/{environment}/tenants", response_model=WhoPage)
def list_flag_tenants(
    request: Request,
    actor: CurrentActor,
    flag_id: UUID,
    environment: Environment,
    variant: Annotated[str | None, Query(max_length=60, description="Only those who get it.")] = None,
    search: Annotated[Search, Query(description="Start of a name or domain, or an id.")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """What each tenant in your scope gets, by name."""
    page = queries.who_has(actor, flag_id, environment, variant=variant, text=search, after=cursor, limit=limit)
    return collection(request, records(page.frame[list(WhoOut.model_fields)]), page.next)


@router.post("/{flag_id}/evaluate", response_model=Explained)
def explain_flag(request: Request, actor: CurrentActor, flag_id: UUID, given: Asked) -> Response:
    """What one context gets, and why. For questions; programs evaluate over OFREP."""
    return entity(request, queries.explain(actor, flag_id, given.environment, given.context))

"""Campaigns: the product tells of them, and learns which of them stand still because their tenant is out of service."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import Field

from api.conventions import CurrentActor, Cursor, Fields, Limit, Out, Strict, area, collection, entity
from core.customers.campaigns import actions, queries, rules
from core.kernel.actor import Actor
from core.kernel.errors import Invalid

router = area("/campaigns", "campaigns")

Status = Literal["draft", "running", "paused", "finished"]
ExternalId = Annotated[str, Path(min_length=1, max_length=rules.MAX_ID, description="The product's own id of it.")]


class CampaignOut(Out):
    """A campaign; times in UTC. `paused_by_suspension`: it was running when its tenant went out of service, and will run
    again when the tenant is back."""

    id: UUID
    tenant_id: UUID
    external_id: str
    name: str
    status: Status
    started_at: datetime | None
    paused_at: datetime | None
    paused_by_suspension: bool
    created_at: datetime
    updated_at: datetime
    version: int


class CampaignPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[CampaignOut]
    next: str | None


class CampaignIn(Strict):
    """`tenant_id` may be left out by a key that is bound to a tenant. Without `started_at` the first run counts as the start."""

    name: Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME, examples=["Spring newsletter"])]
    status: Status
    tenant_id: UUID | None = None
    started_at: datetime | None = None


def _tenant(actor: Actor, given: UUID | None) -> UUID:
    tenant_id = given or actor.tenant_id
    if tenant_id is None:
        raise Invalid("Say whose campaign it is.", {"tenant_id": "Say whose campaign it is: give the tenant's id."})
    return tenant_id


@router.put("/{external_id}", response_model=CampaignOut)
def put_campaign(request: Request, actor: CurrentActor, external_id: ExternalId, given: CampaignIn) -> Response:
    """Makes a campaign known, or changes what is known of it. It takes campaigns:create and campaigns:update.

    One that is to run for a suspended tenant is kept as paused: look at the answer's `status`.
    """
    values = given.model_dump(exclude={"tenant_id"})
    campaign = actions.put(actor, external_id, tenant_id=_tenant(actor, given.tenant_id), **values)
    return entity(request, CampaignOut.model_validate(campaign))


@router.get("", response_model=CampaignPage)
def list_campaigns(
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    tenant_id: UUID | None = None,
    status: Annotated[tuple[Status, ...], Query()] = (),
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The campaigns of the tenants in your scope, newest first."""
    page = queries.listing(actor, queries.Filters(tenant_id, status), after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)

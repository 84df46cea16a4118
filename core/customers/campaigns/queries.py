"""Reads of campaigns."""

from dataclasses import dataclass
from uuid import UUID

import pandas as pd
from sqlalchemy import select

from core.customers.campaigns.models import Campaign
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import Listing, read

COLUMNS = (
    Campaign.id, Campaign.tenant_id, Campaign.external_id, Campaign.name, Campaign.status, Campaign.started_at,
    Campaign.paused_at, Campaign.paused_by_suspension, Campaign.created_at, Campaign.updated_at, Campaign.version,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """None and empty do not filter."""

    tenant_id: UUID | None = None
    statuses: tuple[str, ...] = ()


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """Campaigns of the tenants in sight, newest first: COLUMNS. Raises Denied."""
    require(actor, "campaigns:read")
    found = select(*COLUMNS)
    if filters.tenant_id is not None:
        found = found.where(Campaign.tenant_id == filters.tenant_id)
    if filters.statuses:
        found = found.where(Campaign.status.in_(filters.statuses))
    with read(actor) as rx:
        return rx.listing(found, keys=[Campaign.created_at, Campaign.id], after=after, limit=limit)


def of_tenant(actor: Actor, tenant_id: UUID, *, limit: int = 50) -> pd.DataFrame:
    """One row per campaign of the tenant, those that run first, then the newest.

    Columns: external_id, name, status, started_at, paused_at (UTC), paused_by_suspension. Raises Denied.
    """
    require(actor, "campaigns:read")
    columns = (Campaign.external_id, Campaign.name, Campaign.status, Campaign.started_at, Campaign.paused_at)
    found = select(*columns, Campaign.paused_by_suspension).where(Campaign.tenant_id == tenant_id)
    with read(actor) as rx:
        return rx.frame(found.order_by((Campaign.status == "running").desc(), Campaign.created_at.desc()), limit=limit)


def tenant_status(actor: Actor, tenant_id: UUID) -> str:
    """What the tenant is whose campaigns are told of. Raises NotFound for one that is out of sight or was deleted.

    Who sees all tenants, or is bound to this one, need not have the right to read the directory.
    """
    is_free = actor.scope == "all" or actor.tenant_id == tenant_id
    with read(Actor.system("campaigns", request_id=actor.request_id) if is_free else actor) as rx:
        status: str | None = rx.value(select(Tenant.status).where(Tenant.id == tenant_id))
    if status in (None, "deleted", "purged"):
        raise NotFound("This tenant does not exist any more, or is not among those you may see. Check its id.")
    return status

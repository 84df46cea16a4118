"""What can be done with campaigns."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from core.customers.campaigns import queries, rules
from core.customers.campaigns.models import Campaign
from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write


def put(
    actor: Actor, external_id: str, *, tenant_id: UUID, name: str, status: str, started_at: datetime | None = None
) -> Campaign:
    """Keeps what the product tells of a campaign. One that runs for a tenant out of service is kept as paused.

    Raises Invalid, and NotFound for a tenant that is not in sight or was deleted.
    """
    rules.require_status(status)
    known, title = rules.clean_id(external_id), rules.clean_name(name)
    tenant_status = queries.tenant_status(actor, tenant_id)
    with write(actor, "campaigns.put") as tx:
        campaign = _find(tx, tenant_id, known)
        if campaign is None:
            campaign = tx.add(Campaign(tenant_id=tenant_id, external_id=known, name=title, status="draft"))
        campaign.name, campaign.started_at = title, started_at or campaign.started_at
        _become(campaign, *rules.status_for(status, tenant_status), now=tx.now)
    return campaign


def _find(tx: Transaction, tenant_id: UUID, external_id: str) -> Campaign | None:
    of_it = (Campaign.tenant_id == tenant_id, Campaign.external_id == external_id)
    return tx.session.scalar(select(Campaign).where(*of_it).with_for_update())


def _become(campaign: Campaign, status: str, is_held: bool, *, now: datetime) -> None:
    if status == "running" and campaign.started_at is None:
        campaign.started_at = now
    if status != "paused":
        campaign.paused_at = None
    elif campaign.status != "paused":
        campaign.paused_at = now
    campaign.status, campaign.paused_by_suspension = status, is_held


def pause_for_suspension(actor: Actor, tenant_id: UUID, *, once: str) -> int:
    """Pauses what runs for a tenant that went out of service. Returns how many campaigns. Raises AlreadyDone."""
    with write(actor, "campaigns.pause_for_suspension", once=once) as tx:
        running = _of(tx, tenant_id, Campaign.status == "running")
        for campaign in running:
            _become(campaign, "paused", True, now=tx.now)
        tx.note(campaigns=len(running))
    return len(running)


def resume_after_suspension(actor: Actor, tenant_id: UUID, *, once: str) -> int:
    """Lets run again what was paused by the tenant's suspension. Returns how many campaigns. Raises AlreadyDone."""
    with write(actor, "campaigns.resume_after_suspension", once=once) as tx:
        held = _of(tx, tenant_id, Campaign.paused_by_suspension)
        for campaign in held:
            _become(campaign, "running", False, now=tx.now)
        tx.note(campaigns=len(held))
    return len(held)


def _of(tx: Transaction, tenant_id: UUID, condition: object) -> list[Campaign]:
    found = select(Campaign).where(Campaign.tenant_id == tenant_id, condition)  # type: ignore[arg-type]
    return list(tx.session.scalars(found.order_by(Campaign.id).with_for_update()))

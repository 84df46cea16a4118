"""What follows for campaigns from what becomes of their tenant."""

from sqlalchemy import select

from core.customers.campaigns import actions
from core.customers.campaigns.rules import IN_SERVICE
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.events import Event, subscriber
from core.kernel.reads import read


@subscriber(
    "tenants.suspend", "tenants.reactivate", "tenants.delete", "tenants.restore", name="campaigns.follow_tenant"
)
def follow_tenant(actor: Actor, event: Event) -> None:
    """Pauses or resumes by what the tenant is now, and not by the event: handed late or again, it ends the same."""
    assert event.tenant_id is not None
    with read(actor) as rx:
        status = rx.value(select(Tenant.status).where(Tenant.id == event.tenant_id))
    act = actions.resume_after_suspension if status in IN_SERVICE else actions.pause_for_suspension
    act(actor, event.tenant_id, once=f"campaigns.follow:{event.id}")

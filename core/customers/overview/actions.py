"""That somebody looked at a tenant leaves a trace, as what he changes does."""

from uuid import UUID

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.writes import write


def look(actor: Actor, tenant_id: UUID) -> None:
    """Records that the tenant's page was opened. Raises Denied, NotFound."""
    with write(actor, "overview.look") as tx:
        tx.saw(tx.get(Tenant, tenant_id))

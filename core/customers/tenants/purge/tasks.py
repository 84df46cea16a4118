"""Purges what was deleted thirty days ago."""

from uuid import UUID

from sqlalchemy import select

from core.customers.tenants.models import Tenant
from core.customers.tenants.purge import actions
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.logs import get_logger
from core.kernel.reads import read
from core.kernel.tasks import every, task
from core.kernel.times import utc_now

MOST_AT_ONCE = 20
log = get_logger()


@every("tenants.purge_due", seconds=900)
@task("tenants.purge_due", retry=3, timeout_s=3_600)
def purge_due(actor: Actor) -> None:
    """Purges the tenants whose grace is over, the longest due first; what is left over waits for the next tick."""
    due = select(Tenant.id).where(Tenant.purge_after <= utc_now(), Tenant.status == "deleted")
    with read(actor) as rx:
        ids: list[UUID] = [row.id for row in rx.rows(due.order_by(Tenant.purge_after).limit(MOST_AT_ONCE))]
    for tenant_id in ids:
        try:
            made = actions.purge(actor, tenant_id)
        except Invalid as error:
            log.info("tenant not purged", tenant_id=str(tenant_id), why=str(error))
        else:
            log.info("tenant purged", tenant_id=str(tenant_id), certificate=made.number)

"""The operators who answer for tenants (CSMs), by name.

Read as the portal itself: who sees a tenant may see who answers for it, and not the rest of that operator's account.
"""

from uuid import UUID

from sqlalchemy import or_, select

from core.access.operators.models import Operator
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import read

MOST = 500


def names(actor: Actor) -> dict[UUID, str]:
    """Operators in service, and those out of it who still answer for a tenant, by name."""
    require(actor, "tenants:read")
    serves = Operator.id.in_(select(Tenant.csm_id).where(Tenant.csm_id.is_not(None)))
    people = select(Operator.id, Operator.name).where(or_(Operator.disabled_at.is_(None), serves))
    with read(Actor.system("tenants", request_id=actor.request_id, channel=actor.channel)) as rx:
        return {row.id: row.name for row in rx.rows(people.order_by(Operator.name, Operator.id).limit(MOST))}


def require_colleague(operator_id: UUID | None) -> None:
    """That somebody in service can answer for a tenant; nobody can, too. Raises Invalid."""
    if operator_id is None:
        return
    with read(Actor.system("tenants")) as rx:
        found = rx.value(select(Operator.id).where(Operator.id == operator_id, Operator.disabled_at.is_(None)))
    if found is None:
        sentence = "This operator does not exist, or is out of service. Choose another to answer for the tenant."
        raise Invalid(sentence, {"csm_id": sentence})

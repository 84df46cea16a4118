"""Whose rows may be stored."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, or_, select

from core.customers.tenants.models import Tenant, TenantAssignment
from core.customers.tenants.rules import GONE
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.reads import as_id, read
from core.kernel.telemetry import Recording


def known(tx: Recording, ids: Iterable[UUID], actor: Actor | None = None) -> set[UUID]:
    """Those of the tenants that exist, and that an actor of the scope `assigned` is assigned to."""
    wanted = list(ids)
    if not wanted:
        return set()
    found = select(Tenant.id).where(Tenant.id.in_(wanted), Tenant.status.not_in(GONE))
    if actor is not None and actor.scope == "assigned":
        own = select(TenantAssignment.tenant_id).where(TenantAssignment.operator_id == actor.operator_id)
        found = found.where(Tenant.id.in_(own))
    return set(tx.execute(found).scalars())


def resolve(actor: Actor, named: str) -> UUID:
    """The tenant of an id, a domain or a name. Raises NotFound."""
    by_word = or_(Tenant.domain == named.strip().lower(), func.lower(Tenant.name) == named.strip().lower())
    key = as_id(named)
    of_it = Tenant.id == key if key else by_word
    with read(actor) as rx:
        found = rx.rows(select(Tenant.id).where(of_it, Tenant.status.not_in(GONE)).limit(2))
    if len(found) != 1:
        how = "More than one tenant is" if found else "No tenant is"
        raise NotFound(f"{how} called {named[:100]}. Give its id.")
    tenant_id: UUID = found[0].id
    return tenant_id

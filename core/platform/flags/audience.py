"""Tenants as evaluation knows them: plan, region and status, for those whom the actor may see."""

import time
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.customers.tenants.models import Tenant, TenantAssignment
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.reads import as_id, read

KEEP_S, MOST = 5.0, 10_000
# tenant -> (until when, facts); asked for with each evaluation over HTTP.
_known: dict[UUID, tuple[float, dict[str, Any] | None]] = {}


def _system() -> Actor:
    return Actor.system("flags", channel="api")


def facts_of(tenant_id: str | UUID) -> dict[str, Any]:
    """plan, region, status of a tenant; empty for one that does not exist. At most 5 s old. Raises Unavailable."""
    key = tenant_id if isinstance(tenant_id, UUID) else as_id(tenant_id)
    if key is None:
        return {}
    until, facts = _known.get(key, (0.0, None))
    if until < time.monotonic():
        facts = _read(key)
        if len(_known) >= MOST:
            _known.clear()
        _known[key] = (time.monotonic() + KEEP_S, facts)
    return facts or {}


def _read(key: UUID) -> dict[str, Any] | None:
    with read(_system()) as rx:
        row = rx.one(select(Tenant.tier, Tenant.region, Tenant.status).where(Tenant.id == key))
    return {"plan": row.tier, "region": row.region, "status": row.status} if row else None


def forget() -> None:
    """Drops what is known, so that the next look is a fresh one."""
    _known.clear()


def is_in_sight(actor: Actor, tenant_id: UUID) -> bool:
    """Whether the tenant exists and is in the actor's scope: flags can be evaluated without the right to the directory."""
    if actor.scope == "tenant":
        return actor.tenant_id == tenant_id
    statement = select(Tenant.id).where(Tenant.id == tenant_id)
    if actor.scope == "assigned":
        mine = TenantAssignment.operator_id == actor.operator_id
        statement = statement.join(TenantAssignment, TenantAssignment.tenant_id == Tenant.id).where(mine)
    with read(_system()) as rx:
        return rx.value(statement) is not None


def require_in_sight(actor: Actor, tenant_id: UUID) -> None:
    """Raises NotFound for a tenant that does not exist or is not among the actor's."""
    if not is_in_sight(actor, tenant_id):
        raise NotFound("This tenant does not exist, or is not among those you may see.")

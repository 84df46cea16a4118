"""Who of a tenant's people answers for it, and who administers it."""

from uuid import UUID

from core.customers.tenants.models import Tenant
from core.customers.users import protecting, rules
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write


def name_owner(actor: Actor, user_id: UUID, *, reason: str, version: int | None = None) -> TenantUser:
    """Makes an active person the owner of the tenant, and an administrator with it. Raises Invalid, NotFound, Conflict."""
    with write(actor, "users.name_owner", reason=reason) as tx:
        user, tenant = _held(tx, user_id, version)
        rules.require_active(protecting.name_for(actor, user), user.deactivated_at)
        rules.require_change(
            tenant.owner_id != user_id, f"{protecting.name_for(actor, user)} owns {tenant.name} already."
        )
        tx.note(owner_before=tenant.owner_id)
        tenant.owner_id, user.is_admin = user_id, True
    return user


def name_admin(actor: Actor, user_id: UUID, *, version: int | None = None) -> TenantUser:
    """Makes an active person an administrator of the tenant. Raises Invalid, NotFound, Conflict."""
    with write(actor, "users.name_admin") as tx:
        user, _ = _held(tx, user_id, version)
        name = protecting.name_for(actor, user)
        rules.require_active(name, user.deactivated_at)
        rules.require_change(not user.is_admin, f"{name} is an administrator already.")
        user.is_admin = True
    return user


def remove_admin(actor: Actor, user_id: UUID, *, reason: str, version: int | None = None) -> TenantUser:
    """Takes the rights of an administrator; never of the owner or the last one. Raises Invalid, NotFound, Conflict."""
    with write(actor, "users.remove_admin", reason=reason) as tx:
        user, tenant = _held(tx, user_id, version)
        name = protecting.name_for(actor, user)
        rules.require_change(user.is_admin, f"{name} is no administrator; there is nothing to take.")
        rules.require_not_owner(name, tenant.name, is_owner=tenant.owner_id == user_id)
        rules.require_another_admin(name, tenant.name, others=protecting.other_admins(tx, user))
        user.is_admin = False
    return user


def _held(tx: Transaction, user_id: UUID, version: int | None) -> tuple[TenantUser, Tenant]:
    """The person and the tenant, with nobody else counting its administrators meanwhile."""
    protecting.hold(tx, [tx.get(TenantUser, user_id).tenant_id])
    user = tx.lock(TenantUser, user_id, version=version)
    tenant = tx.lock(Tenant, user.tenant_id)
    rules.require_living(tenant.name, tenant.status)
    return user, tenant

"""What can be done with the tenants' people."""

from collections.abc import Callable, Iterable
from uuid import UUID

from core.customers.tenants.models import Tenant
from core.customers.users import protecting, rules
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.many import Outcome, each, present
from core.kernel.writes import Transaction, write

Change = Callable[[Transaction, TenantUser, Tenant], None]


def deactivate(actor: Actor, user_id: UUID, *, reason: str, version: int | None = None) -> TenantUser:
    """Takes a person's access and frees the seat. Refuses the owner and the last administrator of a tenant.

    Raises Invalid, NotFound, Conflict.
    """
    with write(actor, "users.deactivate", reason=reason) as tx:
        return _change(tx, user_id, version, _deactivate)


def activate(actor: Actor, user_id: UUID, *, version: int | None = None) -> TenantUser:
    """Gives access back, as long as the tenant has a free seat. Raises Invalid, NotFound, Conflict."""
    with write(actor, "users.activate") as tx:
        return _change(tx, user_id, version, _activate)


def deactivate_many(actor: Actor, user_ids: Iterable[UUID], *, reason: str) -> list[Outcome]:
    """As `deactivate`, each on its own: one that is refused does not stop the others."""
    with write(actor, "users.deactivate_many", reason=reason) as tx:
        return _change_many(tx, list(dict.fromkeys(user_ids)), _deactivate)


def activate_many(actor: Actor, user_ids: Iterable[UUID]) -> list[Outcome]:
    """As `activate`, each on its own, until the seats are taken."""
    with write(actor, "users.activate_many") as tx:
        return _change_many(tx, list(dict.fromkeys(user_ids)), _activate)


def _change(tx: Transaction, user_id: UUID, version: int | None, change: Change) -> TenantUser:
    protecting.hold(tx, [tx.get(TenantUser, user_id).tenant_id])
    user = tx.lock(TenantUser, user_id, version=version)
    change(tx, user, tx.get(Tenant, user.tenant_id))
    return user


def _change_many(tx: Transaction, user_ids: list[UUID], change: Change) -> list[Outcome]:
    rules.require_few(len(user_ids))
    protecting.hold(tx, protecting.tenants_of(tx, user_ids))
    users = {user.id: user for user in tx.lock_many(TenantUser, user_ids)}

    def act(key: UUID) -> None:
        user = present(users, key, "person")
        change(tx, user, tx.get(Tenant, user.tenant_id))

    return each(tx, user_ids, act)


def _deactivate(tx: Transaction, user: TenantUser, tenant: Tenant) -> None:
    name = protecting.name_for(tx.actor, user)
    rules.require_living(tenant.name, tenant.status)
    rules.require_active(name, user.deactivated_at)
    rules.require_not_owner(name, tenant.name, is_owner=tenant.owner_id == user.id)
    if user.is_admin:
        rules.require_another_admin(name, tenant.name, others=protecting.other_admins(tx, user))
    user.deactivated_at = tx.now


def _activate(tx: Transaction, user: TenantUser, tenant: Tenant) -> None:
    rules.require_living(tenant.name, tenant.status)
    rules.require_deactivated(protecting.name_for(tx.actor, user), user.deactivated_at)
    rules.require_seat(tenant.name, used=protecting.seats_used(tx, tenant.id), seats=tenant.seats)
    user.deactivated_at = None

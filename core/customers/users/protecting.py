"""What must be counted before a person is changed, so that two changes at once cannot both count the same."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from core.customers.users import masking
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.writes import Transaction

_SPACE = 0x7573_6572  # "user": this use of advisory locks, apart from others


def hold(tx: Transaction, tenant_ids: Iterable[UUID]) -> None:
    """Until the end of the transaction, nobody else counts or changes the people of these tenants; in one order for all."""
    for tenant_id in sorted(set(tenant_ids)):
        tx.session.execute(select(func.pg_advisory_xact_lock(_SPACE, func.hashtext(str(tenant_id)))))


def tenants_of(tx: Transaction, user_ids: list[UUID]) -> list[UUID]:
    return list(tx.session.scalars(select(TenantUser.tenant_id).where(TenantUser.id.in_(user_ids)).distinct()))


def other_admins(tx: Transaction, user: TenantUser) -> int:
    """How many active administrators the tenant has besides."""
    return _count(tx, user.tenant_id, TenantUser.is_admin.is_(True), TenantUser.id != user.id)


def seats_used(tx: Transaction, tenant_id: UUID) -> int:
    return _count(tx, tenant_id)


def _count(tx: Transaction, tenant_id: UUID, *conditions: ColumnElement[bool]) -> int:
    active = (TenantUser.tenant_id == tenant_id, TenantUser.deactivated_at.is_(None))
    tx.session.flush()
    return int(tx.session.scalar(select(func.count()).where(*active, *conditions)) or 0)


def name_for(actor: Actor, user: TenantUser) -> str:
    """The name as this actor may read it: a refusal must not tell it either."""
    return user.name if masking.sees(actor) else masking.name_masked(user.name, user.id)

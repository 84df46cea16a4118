"""Limits that follow from contracts: the terms in force are the tenant's overrides, and go when the contract goes.

What somebody set by hand is left as it is; the contract's limit comes back when that one is cleared or over.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from core.customers.contracts import rules, sources
from core.customers.contracts.models import Contract
from core.customers.quotas.models import TenantQuota
from core.customers.quotas.resources import RESOURCES
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.events import Event, subscriber
from core.kernel.reads import read
from core.kernel.tasks import every
from core.kernel.times import utc_now
from core.kernel.writes import Transaction, write

AT_ONCE = 500
Key = tuple[UUID, str]  # tenant, resource


class Agreed(NamedTuple):
    """A limit (None: none) by a contract in force."""

    contract_id: UUID
    number: int
    limit: Decimal | None


@subscriber("contracts.*", "quotas.clear_override", "quotas.expire_overrides", name="quotas.follow_contracts")
def follow_event(actor: Actor, event: Event) -> None:
    """Something that decides limits was changed for this tenant."""
    if event.tenant_id is not None:
        follow(actor, [event.tenant_id])


@every("quotas.follow_contracts", cron="14 * * * *")
def follow_all(actor: Actor) -> None:
    """Versions come into force and contracts end by the clock."""
    concerned = union(
        select(Contract.tenant_id).where(Contract.status != "draft"),
        select(TenantQuota.tenant_id).where(TenantQuota.contract_id.is_not(None)),
    )
    with read(actor) as rx:
        tenants = sorted(rx.session.scalars(concerned))
    for start in range(0, len(tenants), AT_ONCE):
        follow(actor, tenants[start : start + AT_ONCE])


def follow(actor: Actor, tenant_ids: Sequence[UUID]) -> int:
    """Brings the overrides of these tenants in line with their contracts; returns how many changed. Looks before it acts."""
    with read(actor) as rx:
        if not _differences(rx.session, tenant_ids):
            return 0
    with write(actor, "quotas.follow_contracts") as tx:
        wanted = _differences(tx.session, tenant_ids)
        for key in sorted(wanted):
            _apply(tx, key, wanted[key])
        tx.note(resources=sorted({resource for _, resource in wanted}))
    return len(wanted)


def _differences(session: Session, tenant_ids: Sequence[UUID]) -> dict[Key, Agreed | None]:
    """What is to be set, None for what is to go."""
    agreed, present = _agreed(session, tenant_ids), _present(session, tenant_ids)
    found: dict[Key, Agreed | None] = {}
    for key in agreed.keys() | present.keys():
        row, wanted = present.get(key), agreed.get(key)
        if row is not None and row.contract_id is None:
            continue
        has = (row.contract_id, row.limit_value) if row else None
        if has != ((wanted.contract_id, wanted.limit) if wanted else None):
            found[key] = wanted
    return found


def _agreed(session: Session, tenant_ids: Sequence[UUID]) -> dict[Key, Agreed]:
    """What contracts in force today say; nothing for a tenant that is deleted."""
    now = utc_now()
    terms, ends = sources.in_force(now), sources.newest()
    mine = (
        select(Contract.tenant_id, Contract.id, Contract.number, terms.c.limits)
        .join(Tenant, Tenant.id == Contract.tenant_id)
        .join(ends, sources.is_in_force(now, ends))
        .join(terms, Contract.id.is_not(None))
        .where(Contract.tenant_id.in_(tenant_ids), Tenant.status.not_in(("deleted", "purged")))
    )
    return {
        (row.tenant_id, resource): Agreed(row.id, row.number, None if limit is None else Decimal(limit))
        for row in session.execute(mine)
        for resource, limit in row.limits.items()
        if resource in RESOURCES
    }


def _present(session: Session, tenant_ids: Sequence[UUID]) -> dict[Key, TenantQuota]:
    mine = select(TenantQuota).where(TenantQuota.tenant_id.in_(tenant_ids))
    return {(row.tenant_id, row.resource): row for row in session.scalars(mine)}


def _apply(tx: Transaction, key: Key, wanted: Agreed | None) -> None:
    tenant_id, resource = key
    mine = select(TenantQuota).where(TenantQuota.tenant_id == tenant_id, TenantQuota.resource == resource)
    row = tx.session.scalars(mine.with_for_update()).one_or_none()
    if row is not None and wanted is None:
        tx.delete(row)
    elif wanted is not None:
        row = row or tx.add(TenantQuota(tenant_id=tenant_id, resource=resource))
        row.limit_value, row.contract_id, row.expires_at = wanted.limit, wanted.contract_id, None
        row.reason = f"Agreed in the contract {rules.number_of(wanted.number)}."
        row.set_by, row.set_by_name = None, tx.actor.name

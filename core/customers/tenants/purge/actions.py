"""Removing what is left of a deleted tenant when its days of grace are over."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from core.customers.tenants import rules
from core.customers.tenants.models import Tenant
from core.customers.tenants.purge import certificate
from core.customers.tenants.purge.models import DeletionCertificate, PurgeCount
from core.customers.tenants.purge.plan import KEPT, Clearing, belonging, clearings, every_table
from core.kernel.actor import Actor
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.kernel.writes import Transaction, write

# A large tenant has millions of rows of telemetry; the task that purges has an hour.
LONGEST_DELETE_MS = 15 * 60 * 1000


def purge(actor: Actor, tenant_id: UUID) -> DeletionCertificate:
    """Removes everything of a tenant whose grace is over, leaves it without a name, and certifies what was done.

    Telemetry goes table by table and is counted as it goes, so that a purge that was interrupted can be run again; all
    that people made goes in one transaction with the certificate. Raises Invalid, NotFound.
    """
    steps = clearings(tenant_id)
    for step in steps:
        if step.is_observation:
            _clear(actor, tenant_id, step)
    with write(actor, "tenants.purge") as tx:
        tenant = tx.lock(Tenant, tenant_id)
        _require_due(tenant)
        known = certificate.about(tenant)
        removed = _counted(tx, tenant_id) | {
            step.table.name: tx.bulk(delete(step.table).where(step.condition))
            for step in steps if not step.is_observation
        }  # fmt: skip
        _anonymise(tenant)
        made = tx.add(certificate.issue(tenant_id, known, removed, _kept(tx, tenant_id), now=tx.now))
        tx.note(certificate=made.number, removed=sum(removed.values()))
    return made


def _require_due(tenant: Tenant) -> None:
    rules.require("purge", tenant.status)
    rules.require_grace_over(tenant.purge_after, utc_now())


def _clear(actor: Actor, tenant_id: UUID, step: Clearing) -> None:
    """Removes the rows of one table and adds their number to what was counted. Raises Invalid for a tenant not due."""
    with record(actor, timeout_ms=LONGEST_DELETE_MS) as tx:
        tenant = tx.session.scalar(select(Tenant).where(Tenant.id == tenant_id))
        if tenant is not None:
            _require_due(tenant)
        result: Any = tx.execute(delete(step.table).where(step.condition))
        if result.rowcount:
            known = insert(PurgeCount).values(tenant_id=tenant_id, table_name=step.table.name, removed=result.rowcount)
            more = {"removed": PurgeCount.removed + known.excluded.removed}
            tx.execute(known.on_conflict_do_update(index_elements=["tenant_id", "table_name"], set_=more))


def _counted(tx: Transaction, tenant_id: UUID) -> dict[str, int]:
    counts = select(PurgeCount.table_name, PurgeCount.removed).where(PurgeCount.tenant_id == tenant_id)
    return {row.table_name: row.removed for row in tx.session.execute(counts)}


def _kept(tx: Transaction, tenant_id: UUID) -> dict[str, int]:
    """How many rows of the tenant each kept table has."""
    tables = [table for name, table in every_table().tables.items() if name in KEPT]
    conditions = {table.name: (table, belonging(table, tenant_id)) for table in tables}
    counts = [
        select(func.count()).select_from(table).where(condition).scalar_subquery().label(name)
        for name, (table, condition) in conditions.items() if condition is not None
    ]  # fmt: skip
    return {name: int(count) for name, count in tx.session.execute(select(*counts)).one()._asdict().items()}


def _anonymise(tenant: Tenant) -> None:
    """Takes from the row whatever told whose it was. Status, region, plan and times stay, for the figures of the past."""
    for field, value in rules.anonymous(tenant.id).items():
        setattr(tenant, field, value)
    tenant.status, tenant.tags = "purged", []
    tenant.owner_id = tenant.csm_id = tenant.purge_after = None
    tenant.suspension_reason = tenant.deletion_reason = None

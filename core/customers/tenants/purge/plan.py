"""What a purge removes: every row that belongs to the tenant, found by walking the tables and not by a list of them."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, MetaData, Table, and_, exists, or_, select

from core.kernel.models import Base

# What stays, with the reason that the certificate gives.
KEPT = {
    "tenant": "The row stays without name, domain and people, so that what is kept belongs to something.",
    "audit_entry": "Accountability: who did what is kept as evidence (GDPR, Article 5(2); Article 17(3)(e)).",
    "invoice": "Bookkeeping: invoices are kept for the time that tax law asks for (GDPR, Article 17(3)(b)).",
    "invoice_line": "Bookkeeping: part of the invoices.",
    "contract": "Bookkeeping: invoices and credits refer to it.",
    "contract_version": "Bookkeeping: the terms that invoices and credits came from.",
    "contract_charge": "Bookkeeping: which parts of invoices came from a contract.",
    "sla_credit": "Bookkeeping: what was credited, with its proof.",
    "mrr_change": "Bookkeeping: the ledger behind the reported revenue.",
    "subscription": "Bookkeeping: the ledger and the invoices refer to it.",
    "event": "Has been handed on; the portal removes every event by itself when its days are over.",
    "purge_count": "How many rows this purge removed.",
    "deletion_certificate": "This certificate.",
}
# Rows that name what they belong to without a foreign key: table -> (column, the table it names).
NAMED = {
    "alert_escalation": ("alert_id", "alert"),
    "alert_notification": ("alert_id", "alert"),
    "monitor_change": ("monitor_id", "monitor"),
    "monitor_check": ("monitor_id", "monitor"),
    "monitor_rollup_day": ("monitor_id", "monitor"),
    "monitor_rollup_hour": ("monitor_id", "monitor"),
    "monitor_rollup_minute": ("monitor_id", "monitor"),
}


@dataclass(frozen=True, slots=True)
class Clearing:
    """The rows of one table that go; `is_observation` says that no audit entry is due for them."""

    table: Table
    condition: ColumnElement[bool]
    is_observation: bool


def tenant_columns(table: Table) -> list[Any]:
    """The columns that name a tenant: by a foreign key, or by what they are called."""
    by_key = {key.parent.name for key in table.foreign_keys if key.target_fullname == "tenant.id"}
    return [one for one in table.columns if one.name in by_key or one.name == "tenant_id"]


def observations() -> set[str]:
    """The tables of machine observations."""
    mapped = {str(one.class_.__tablename__) for one in Base.registry.mappers if one.class_.__observation__}
    return mapped | {name for name, table in Base.metadata.tables.items() if table.info.get("observation")}


def every_table() -> MetaData:
    """All tables of the product, whatever this process has imported so far: what is not known would not be removed."""
    importlib.import_module("core.models")
    return Base.metadata


def clearings(tenant_id: UUID) -> list[Clearing]:
    """What goes of this tenant, in an order that foreign keys bear: what refers before what is referred to."""
    tables = every_table()
    observed = observations()
    found = ((table, belonging(table, tenant_id)) for table in _ordered(tables) if table.name not in KEPT)
    return [Clearing(table, condition, table.name in observed) for table, condition in found if condition is not None]


def _ordered(metadata: MetaData) -> Iterator[Table]:
    """Children first; a monitor before its links to tenants, by which alone it is known whose it is."""
    tables = list(reversed(metadata.sorted_tables))
    links = [table for table in tables if table.name == "monitor_tenant"]
    yield from sorted((table for table in tables if table not in links), key=lambda table: table.name not in NAMED)
    yield from links


def belonging(table: Table, tenant_id: UUID) -> ColumnElement[bool] | None:
    """The condition that a row of the table is the tenant's; None for a table that has nothing to do with tenants."""
    if table.name == "tenant":
        return table.c.id == tenant_id
    if table.name == "monitor":
        return _only_of(table, tenant_id)
    own = tenant_columns(table)
    if own:
        return or_(*(column == tenant_id for column in own))
    return _by_parent(table, tenant_id)


def _by_parent(table: Table, tenant_id: UUID) -> ColumnElement[bool] | None:
    """That a row belongs to one that is the tenant's."""
    parents = [(key.parent, key.column) for key in table.foreign_keys if key.column.table is not table]
    if table.name in NAMED:
        name, parent = NAMED[table.name]
        parents.append((table.c[name], table.metadata.tables[parent].c.id))
    conditions = []
    for column, named in parents:
        condition = belonging(named.table, tenant_id)
        if condition is not None:
            conditions.append(column.in_(select(named).where(condition)))
    return or_(*conditions) if conditions else None


def _only_of(monitor: FromClause, tenant_id: UUID) -> ColumnElement[bool]:
    """A monitor that concerns this tenant and nobody else: without its link it would be everybody's."""
    link = Base.metadata.tables["monitor_tenant"]
    of_monitor = link.c.monitor_id == monitor.c.id
    return and_(
        exists().where(of_monitor, link.c.tenant_id == tenant_id),
        ~exists().where(of_monitor, link.c.tenant_id != tenant_id),
    )

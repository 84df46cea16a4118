"""Reads of tenants: the directory, one of them, and what belongs to it."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, or_, select

from core.customers.tenants.directory import (
    COLUMNS,
    SORTABLE,
    SORTS,
    Filters,
    chosen,
    chunks,
    count,
    directory,
    listing,
    matching,
    tags,
)
from core.customers.tenants.models import Tenant, TenantAssignment, TenantNotice
from core.customers.users import masking
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import as_id, read

__all__ = [
    "COLUMNS", "SORTABLE", "SORTS", "Filters", "assigned", "chosen", "chunks", "count", "directory", "listing", "matches",
    "matching", "notices", "one", "require_bindable", "search", "tags",
]  # fmt: skip


def _prefix(column: Any, text: str) -> Any:
    return func.lower(column).startswith(text.lower(), autoescape=True)


def matches(text: str) -> Any:
    """The condition that a tenant is what `text` looks for."""
    wanted = text.strip()
    key = as_id(wanted)
    return (
        Tenant.id == key
        if key
        else or_(_prefix(Tenant.name, wanted), Tenant.domain.startswith(wanted.lower(), autoescape=True))
    )


def one(actor: Actor, tenant_id: UUID) -> dict[str, Any]:
    """One tenant by its id: COLUMNS. Raises NotFound for one that is not in sight."""
    require(actor, "tenants:read")
    with read(actor) as rx:
        found = rx.one(select(*COLUMNS).where(Tenant.id == tenant_id))
    if found is None:
        raise NotFound("This tenant does not exist, or is not among those you may see.")
    return found._asdict()


def search(actor: Actor, text: str, *, limit: int = 5) -> pd.DataFrame:
    """For the search box: id, name, domain, status of the best matches; empty without tenants:read or without text."""
    columns = (Tenant.id, Tenant.name, Tenant.domain, Tenant.status)
    statement = select(*columns).where(matches(text), Tenant.status != "purged").order_by(Tenant.name)
    with read(actor, timeout_ms=1_000) as rx:
        return rx.frame(statement.limit(limit if text.strip() and actor.may("tenants:read") else 0))


def notices(actor: Actor, tenant_id: UUID) -> pd.DataFrame:
    """Mails to the tenant's administrators, newest first: subject, recipients (for those with users:pii), outcome, error,
    queued_at, finished_at."""
    require(actor, "tenants:read")
    columns = (TenantNotice.subject, TenantNotice.recipients, TenantNotice.outcome, TenantNotice.error)
    times = (TenantNotice.queued_at, TenantNotice.finished_at)
    of_tenant = (
        select(*columns, *times).where(TenantNotice.tenant_id == tenant_id).order_by(TenantNotice.queued_at.desc())
    )
    with read(actor) as rx:
        found = rx.frame(of_tenant, limit=50)
    return found if masking.sees(actor) else found.drop(columns="recipients")


def assigned(actor: Actor, tenant_id: UUID) -> set[str]:
    """The ids of the operators to whom the tenant is assigned. Raises Denied."""
    require(actor, "assignments:read")
    with read(actor) as rx:
        found = rx.rows(select(TenantAssignment.operator_id).where(TenantAssignment.tenant_id == tenant_id))
    return {str(row.operator_id) for row in found}


def require_bindable(actor: Actor, tenant_id: UUID) -> None:
    """That something may be made for this tenant: it is in sight and not deleted. Raises NotFound.

    Who sees all tenants may do so without the right to read them.
    """
    sees_all = actor.scope == "all"
    with read(Actor.system("tenants", request_id=actor.request_id) if sees_all else actor) as rx:
        status = rx.value(select(Tenant.status).where(Tenant.id == tenant_id))
    if status in (None, "deleted", "purged"):
        raise NotFound("This tenant does not exist any more, or is not among those you may see. Check its id.")

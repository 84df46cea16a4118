"""Reads of the tenants directory."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, or_, select

from core.customers.tenants.models import Tenant, TenantAssignment, TenantNotice
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, as_id, read

COLUMNS = (
    Tenant.id, Tenant.name, Tenant.domain, Tenant.status, Tenant.tier, Tenant.region, Tenant.seats, Tenant.created_at,
    Tenant.suspended_at, Tenant.suspension_reason, Tenant.version,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds the start of a name or domain, or an id. Empty lists do not filter."""

    text: str = ""
    statuses: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


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


def _narrow(statement: AnySelect, filters: Filters) -> AnySelect:
    if filters.text.strip():
        statement = statement.where(matches(filters.text))
    chosen = {Tenant.status: filters.statuses, Tenant.tier: filters.tiers, Tenant.region: filters.regions}
    statement = statement.where(*(column.in_(values) for column, values in chosen.items() if values))
    return statement if "deleted" in filters.statuses else statement.where(Tenant.status != "deleted")


def _seats_used() -> Any:
    active = select(func.count()).where(TenantUser.tenant_id == Tenant.id, TenantUser.deactivated_at.is_(None))
    return active.scalar_subquery().label("seats_used")


def directory(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per tenant in sight, newest first; deleted ones only when asked for.

    Columns: id, name, domain, status, tier, region, seats, created_at (UTC), suspended_at, suspension_reason, version,
    seats_used (NA for an actor who may not see users).
    """
    require(actor, "tenants:read")
    columns = (*COLUMNS, _seats_used())
    with read(actor) as rx:
        page = rx.page(
            _narrow(select(*columns), filters), keys=[Tenant.created_at, Tenant.id], after=after, limit=limit
        )
    if not actor.may("users:read"):
        page.frame["seats_used"] = pd.array([pd.NA] * len(page.frame), dtype="Int64")
    return page


SORTS: dict[str, tuple[Any, bool]] = {
    "-created_at": (Tenant.created_at, True),
    "created_at": (Tenant.created_at, False),
    "-name": (Tenant.name, True),
    "name": (Tenant.name, False),
}


def listing(
    actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50, sort: str = "-created_at"
) -> Listing:
    """As `directory` without seats_used, as plain rows, in one of the orders of SORTS (a minus is descending)."""
    require(actor, "tenants:read")
    first, descending = SORTS[sort]
    with read(actor) as rx:
        return rx.listing(
            _narrow(select(*COLUMNS), filters), keys=[first, Tenant.id], after=after, limit=limit, descending=descending
        )


def count(actor: Actor, filters: Filters) -> int:
    """How many tenants match."""
    require(actor, "tenants:read")
    with read(actor) as rx:
        return int(rx.value(_narrow(select(func.count()).select_from(Tenant), filters)))


def one(actor: Actor, tenant_id: UUID) -> dict[str, Any]:
    """One tenant by its id: the columns of the directory. Raises NotFound for one that is not in sight."""
    require(actor, "tenants:read")
    with read(actor) as rx:
        found = rx.one(select(*COLUMNS).where(Tenant.id == tenant_id))
    if found is None:
        raise NotFound("This tenant does not exist, or is not among those you may see.")
    return found._asdict()


def search(actor: Actor, text: str, *, limit: int = 5) -> pd.DataFrame:
    """For the search box: id, name, domain, status of the best matches; empty without tenants:read or without text."""
    statement = select(Tenant.id, Tenant.name, Tenant.domain, Tenant.status).where(matches(text)).order_by(Tenant.name)
    with read(actor, timeout_ms=1_000) as rx:
        return rx.frame(statement.limit(limit if text.strip() and actor.may("tenants:read") else 0))


def notices(actor: Actor, tenant_id: UUID) -> pd.DataFrame:
    """Mails to the tenant's administrators, newest first: subject, recipients, outcome, error, queued_at, finished_at."""
    require(actor, "tenants:read")
    columns = (TenantNotice.subject, TenantNotice.recipients, TenantNotice.outcome, TenantNotice.error)
    times = (TenantNotice.queued_at, TenantNotice.finished_at)
    of_tenant = (
        select(*columns, *times).where(TenantNotice.tenant_id == tenant_id).order_by(TenantNotice.queued_at.desc())
    )
    with read(actor) as rx:
        return rx.frame(of_tenant, limit=50)


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
    if status in (None, "deleted"):
        raise NotFound("This tenant does not exist any more, or is not among those you may see. Check its id.")

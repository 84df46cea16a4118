"""Reads of the tenants' people."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, or_, select

from core.customers.tenants.models import Tenant
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, as_id, read

COLUMNS = (
    TenantUser.id, TenantUser.tenant_id, TenantUser.email, TenantUser.name, TenantUser.is_admin,
    TenantUser.created_at, TenantUser.last_seen_at, TenantUser.deactivated_at, TenantUser.version,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds the start of a name or address, or an id. None does not filter."""

    text: str = ""
    tenant_id: UUID | None = None
    is_admin: bool | None = None
    is_active: bool | None = None


def _matches(text: str) -> Any:
    wanted, key = text.strip().lower(), as_id(text)
    if key:
        return TenantUser.id == key
    return or_(
        func.lower(TenantUser.name).startswith(wanted, autoescape=True),
        func.lower(TenantUser.email).startswith(wanted, autoescape=True),
    )


def search(actor: Actor, text: str, *, limit: int = 5) -> pd.DataFrame:
    """For the search box, by the start of a name or address, or by id; empty without users:read or without text.

    Columns: id, name, email, tenant_id, tenant.
    """
    columns = (TenantUser.id, TenantUser.name, TenantUser.email, TenantUser.tenant_id, Tenant.name.label("tenant"))
    found = (
        select(*columns).join(Tenant, Tenant.id == TenantUser.tenant_id).where(_matches(text)).order_by(TenantUser.name)
    )
    with read(actor, timeout_ms=1_000) as rx:
        return rx.frame(found.limit(limit if text.strip() and actor.may("users:read") else 0))


def _narrow(statement: AnySelect, filters: Filters) -> AnySelect:
    if filters.text.strip():
        statement = statement.where(_matches(filters.text))
    if filters.tenant_id is not None:
        statement = statement.where(TenantUser.tenant_id == filters.tenant_id)
    if filters.is_admin is not None:
        statement = statement.where(TenantUser.is_admin.is_(filters.is_admin))
    if filters.is_active is not None:
        gone = TenantUser.deactivated_at
        statement = statement.where(gone.is_(None) if filters.is_active else gone.is_not(None))
    return statement


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """People of the tenants in sight, newest first: COLUMNS. Raises Denied."""
    require(actor, "users:read")
    with read(actor) as rx:
        return rx.listing(_narrow(select(*COLUMNS), filters), keys=[TenantUser.id], after=after, limit=limit)


def one(actor: Actor, user_id: UUID) -> dict[str, Any]:
    """One of them: COLUMNS. Raises Denied, and NotFound for one that is not in sight."""
    require(actor, "users:read")
    with read(actor) as rx:
        found = rx.one(select(*COLUMNS).where(TenantUser.id == user_id))
    if found is None:
        raise NotFound("This user does not exist, or is not among those you may see.")
    return found._asdict()

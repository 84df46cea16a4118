"""Reads of the tenants' people."""

from typing import Any

import pandas as pd
from sqlalchemy import func, or_, select

from core.customers.tenants.models import Tenant
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.reads import as_id, read


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

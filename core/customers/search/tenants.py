"""Tenants by name, domain or id."""

import pandas as pd
from sqlalchemy import case, func, literal, select

from core.customers.search.asking import Asked
from core.customers.search.looking import PATIENCE_MS, as_rows, counted, keys, limited
from core.customers.search.sources import Source
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.reads import read


def find(actor: Actor, asked: Asked, limit: int) -> pd.DataFrame:
    """Purged ones have no name any more, and are left out."""
    found = keys("qd_search_tenants", asked)
    state = case((Tenant.status == "active", ""), else_=literal(" · ") + Tenant.status)
    statement = (
        select(Tenant.id, Tenant.name.label("title"), (Tenant.domain + " · " + Tenant.tier + state).label("subtitle"),
               Tenant.id.label("tenant_id"), Tenant.name.label("tenant"), found.c.rank, counted())
        .join(found, found.c.key == Tenant.id)
        .where(Tenant.status != "purged")
        .order_by(found.c.rank, func.lower(Tenant.name), Tenant.id)
    )  # fmt: skip
    with read(actor, timeout_ms=PATIENCE_MS) as rx:
        return as_rows(rx.frame(limited(statement, limit)), "customers/tenants", "tenant", "id")


SOURCE = Source("tenants", "Tenants", "tenants:read", "name, domain or id", find)

"""The tenants' people by name, address or id; masked for those who may not see these, and then found by whole ones alone."""

import pandas as pd
from sqlalchemy import case, func, select

from core.customers.search.asking import Asked
from core.customers.search.looking import PATIENCE_MS, as_rows, counted, keys, limited
from core.customers.search.sources import Source
from core.customers.tenants.models import Tenant
from core.customers.users.masking import masked
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.reads import read


def find(actor: Actor, asked: Asked, limit: int) -> pd.DataFrame:
    """A person whose tenant is not in sight has no tenant's name."""
    found = keys("qd_search_users", asked)
    state = case((TenantUser.deactivated_at.is_not(None), " · deactivated"), else_="")
    statement = (
        select(TenantUser.id, TenantUser.name, TenantUser.email, TenantUser.tenant_id, Tenant.name.label("tenant"),
               state.label("state"), found.c.rank, counted())
        .join(found, found.c.key == TenantUser.id)
        .outerjoin(Tenant, Tenant.id == TenantUser.tenant_id)
        .order_by(found.c.rank, func.lower(TenantUser.name), TenantUser.id)
    )  # fmt: skip
    with read(actor, timeout_ms=PATIENCE_MS) as rx:
        frame = masked(actor, rx.frame(limited(statement, limit)))
    tenant = (" · " + frame["tenant"]).fillna("")
    named = frame.assign(title=frame["name"], subtitle=frame["email"] + tenant + frame["state"])
    return as_rows(named, "customers/users", "text", "id")


SOURCE = Source("users", "Users", "users:read", "name, address or id", find)

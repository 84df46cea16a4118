"""Domains: those that tenants were made with, and those of their own that they added."""

from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Integer, Text, and_, case, cast, func, literal, or_, select, union_all

from core.customers.branding.models import BrandingDomain
from core.customers.search.asking import Asked
from core.customers.search.looking import PATIENCE_MS, as_rows, counted, limited
from core.customers.search.sources import ELSEWHERE, EXACT, MOST, START_OF_NAME, START_OF_WORD, Source
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.reads import AnySelect, read


def host(text: str) -> str:
    """The domain in what was typed, which may be an address of a page or of a person; in ASCII, as domains are kept."""
    typed = text.lower().rpartition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0].strip(" .")
    try:
        return typed.encode("idna").decode() if not typed.isascii() else typed
    except UnicodeError:
        return typed


def find(actor: Actor, asked: Asked, limit: int) -> pd.DataFrame:
    """Under the policies themselves: a tenant has few domains, so that all of them are looked at."""
    wanted = host(asked.text)
    parts = [
        _of(Tenant.id, Tenant.domain, literal("the tenant's domain"), "overview", wanted, Tenant.status != "purged")
    ]
    if actor.may("branding:read"):
        state = literal("its own domain, ") + BrandingDomain.state
        parts.append(_of(BrandingDomain.tenant_id, BrandingDomain.domain, state, "branding", wanted))
    each = union_all(*parts).limit(MOST if wanted else 0).subquery("domains").c
    statement = (
        select(each.tenant_id.label("id"), each.domain.label("title"), (Tenant.name + " · " + each.says).label("subtitle"),
               each.tenant_id, Tenant.name.label("tenant"), each.rank, each.tab, counted())
        .join(Tenant, Tenant.id == each.tenant_id)
        .order_by(each.rank, each.domain, each.tenant_id)
    )  # fmt: skip
    with read(actor, timeout_ms=PATIENCE_MS) as rx:
        frame = rx.frame(limited(statement, limit))
    linked = as_rows(frame, "customers/tenants", "tenant", "tenant_id")
    return linked.assign(link=linked["link"] + "&tab=" + frame["tab"])


def _of(tenant_id: Any, domain: Any, says: Any, tab: str, wanted: str, *only: ColumnElement[bool]) -> AnySelect:
    after_mark = or_(*(func.strpos(domain, mark + wanted) > 0 for mark in ".-"))
    rank = case(
        (domain == wanted, EXACT), (func.starts_with(domain, wanted), START_OF_NAME), (after_mark, START_OF_WORD), else_=ELSEWHERE
    )  # fmt: skip
    columns = (
        tenant_id.label("tenant_id"), domain.label("domain"), cast(says, Text).label("says"), cast(rank, Integer).label("rank"),
        literal(tab, Text()).label("tab"),
    )  # fmt: skip
    return select(*columns).where(and_(func.strpos(domain, wanted) > 0, *only))


SOURCE = Source("domains", "Domains", "tenants:read", "a part of a domain, an address of a page or of a person", find)

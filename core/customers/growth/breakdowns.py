"""Recurring revenue by plan, region or currency."""

from typing import Any, Literal

import pandas as pd
from sqlalchemy import BigInteger, Text, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.customers.growth.balances import balances
from core.customers.growth.filters import Filters, of_any_currency
from core.customers.growth.queries import MONEY, MOST_MONTHS
from core.customers.subscriptions.models import MrrChange
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read

By = Literal["plan", "region"]


def by(actor: Actor, filters: Filters, part: By, *, count: int = 24) -> pd.DataFrame:
    """One row per month and part that was paid for at its end: month (number), part, mrr, tenants. Raises Denied.

    The plan is that of the month's end; the region is that of today, and empty where the tenant is not in sight.
    """
    require(actor, "revenue:read")
    with read(actor) as rx:
        return rx.frame(_by(filters, part, min(count, MOST_MONTHS)))


def _by(filters: Filters, part: By, count: int) -> AnySelect:
    balance = balances(filters, filters.as_of - count + 1)
    name: Any = balance.c.plan if part == "plan" else func.coalesce(Tenant.region, "")
    sums = (
        balance.c.month, cast(name, Text).label("part"), cast(func.sum(balance.c.mrr), MONEY).label("mrr"),
        cast(func.count(), BigInteger).label("tenants"),
    )  # fmt: skip
    found = select(*sums)
    found = found if part == "plan" else found.outerjoin(Tenant, Tenant.id == balance.c.tenant_id)
    return found.group_by(balance.c.month, name).order_by(balance.c.month, name)


def by_currency(actor: Actor, filters: Filters) -> pd.DataFrame:
    """One row per currency that is paid in at the end of `as_of`: currency, mrr, tenants; whatever the currency asked for."""
    require(actor, "revenue:read")
    last = _last(filters).subquery("last")
    sums = (
        last.c.currency, cast(func.sum(last.c.mrr_after), MONEY).label("mrr"), cast(func.count(), BigInteger).label("tenants"),
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(select(*sums).where(last.c.mrr_after > 0).group_by(last.c.currency).order_by(last.c.currency))


def _last(filters: Filters) -> AnySelect:
    """Each tenant's latest row. A currency changes only where nothing is paid, so this is all that it pays."""
    columns = (MrrChange.tenant_id, MrrChange.currency, MrrChange.mrr_after)
    latest = select(*columns).where(*of_any_currency(filters)).ext(distinct_on(MrrChange.tenant_id))
    return latest.order_by(MrrChange.tenant_id, MrrChange.sequence.desc())

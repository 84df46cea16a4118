"""Cohorts: the tenants that began to pay in the same month, and what is left of them month after month."""

from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, Subquery, cast, func, select

from core.customers.growth.balances import balances, month_of_row
from core.customers.growth.filters import Filters, counted
from core.customers.growth.queries import MONEY, MOST_MONTHS
from core.customers.subscriptions.models import MrrChange
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read


def cohorts(actor: Actor, filters: Filters, *, count: int = 24) -> pd.DataFrame:
    """One row per cohort of the last `count` months and each month of its age up to `as_of`, by cohort and age.

    Columns: cohort (number of the month), age (0: the end of the month it began in), size (tenants that began), started (MRR
    they began with), tenants (that pay at that end), mrr, tenants_ratio and mrr_ratio (of size and started). Who left comes
    back when it pays again. Raises Denied.
    """
    require(actor, "revenue:read")
    first = filters.as_of - min(count, MOST_MONTHS) + 1
    with read(actor) as rx:
        begun, left = rx.frame(_begun(filters, first)), rx.frame(_left(filters, first))
    return _filled(begun, left, filters.as_of)


def starts(filters: Filters, since: int) -> Subquery:
    """A row per tenant that began to pay since the month: tenant_id, month, amount."""
    month = month_of_row().label("month")
    found = select(MrrChange.tenant_id, month, MrrChange.amount, MrrChange.plan_after.label("plan"))
    return found.where(MrrChange.kind == "new", month_of_row() >= since, *counted(filters)).subquery("start")


def _begun(filters: Filters, since: int) -> AnySelect:
    start = starts(filters, since)
    sums = (cast(func.count(), BigInteger).label("size"), cast(func.sum(start.c.amount), MONEY).label("started"))
    return select(start.c.month.label("cohort"), *sums).group_by(start.c.month).order_by(start.c.month)


def _left(filters: Filters, since: int) -> AnySelect:
    start, balance = starts(filters, since), balances(filters, since)
    age = (balance.c.month - start.c.month).label("age")
    sums = (cast(func.count(), BigInteger).label("tenants"), cast(func.sum(balance.c.mrr), MONEY).label("mrr"))
    joined = select(start.c.month.label("cohort"), age, *sums).join(balance, balance.c.tenant_id == start.c.tenant_id)
    return joined.where(balance.c.month >= start.c.month).group_by(start.c.month, age)


def _filled(begun: pd.DataFrame, left: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """With a row also where nobody is left."""
    ages: list[dict[str, Any]] = [
        {"cohort": row["cohort"], "age": age, "size": row["size"], "started": row["started"]}
        for row in begun.to_dict("records")
        for age in range(as_of - row["cohort"] + 1)
    ]
    every = pd.DataFrame(ages, columns=["cohort", "age", "size", "started"])
    every = every.astype({"cohort": "Int64", "age": "Int64", "size": "Int64"}).merge(left, "left", ["cohort", "age"])
    tenants = every["tenants"].fillna(0)
    paid = every["mrr"].astype("Float64").fillna(0.0)
    return every.assign(
        tenants=tenants, mrr=paid, tenants_ratio=tenants.astype("Float64") / every["size"].astype("Float64"),
        mrr_ratio=paid / every["started"].astype("Float64"),
    )  # fmt: skip

"""Recurring revenue month by month: balances, movements, customers and retention. Months are UTC."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import CTE, BigInteger, Numeric, cast, func, select

from core.customers.growth import months
from core.customers.growth.balances import balances, month_of_row, series
from core.customers.growth.filters import Filters, counted
from core.customers.subscriptions.models import KINDS, MrrChange
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read

YEAR = 12
MONEY = Numeric(18, 2)
MOST_MONTHS = 60


@dataclass(frozen=True, slots=True)
class Extent:
    """Of one currency: how many tenants ever paid in it, and the month of the first."""

    currency: str
    tenants: int
    first: int


def extents(actor: Actor) -> list[Extent]:
    """The currencies of the ledger in sight, the most used first. Raises Denied."""
    require(actor, "revenue:read")
    tenants = func.count(MrrChange.tenant_id.distinct())
    found = select(MrrChange.currency, tenants, func.min(MrrChange.at)).group_by(MrrChange.currency)
    with read(actor) as rx:
        rows = rx.rows(found.order_by(tenants.desc(), MrrChange.currency))
    return [Extent(row[0], row[1], months.number_of(row[2])) for row in rows]


def course(actor: Actor, filters: Filters, *, count: int = 24) -> pd.DataFrame:
    """One row per month, oldest first, the last one `filters.as_of`; all of one statement, and so of one moment.

    Columns: month (number), name (2026-10), opening, new, reactivation, expansion, contraction, churn (signed), closing, arr
    (amounts); tenants_opening, tenants_<kind> (how many had such a movement), tenants_closing, tenants_lost (paid at the
    beginning and not at the end); arpa; and ratios, NA where nothing was paid at the beginning: churn_ratio (tenants lost),
    net_ratio and gross_ratio of the month, net_ratio_12 and gross_ratio_12 of the twelve months to its end. Raises Denied.
    """
    require(actor, "revenue:read")
    with read(actor) as rx:
        frame = rx.frame(_course(filters, min(count, MOST_MONTHS)))
    return _with_ratios(frame)


def _course(filters: Filters, count: int) -> AnySelect:
    first = filters.as_of - count + 1
    each, moved, totals = series(first, filters.as_of), _moved(filters, first), _totals(filters, first - YEAR)
    now, before, year_ago = totals, totals.alias("before"), totals.alias("year_ago")
    columns: list[Any] = [each.c.month, _money(before.c.total, "opening")]
    columns += [_money(moved.c[kind], kind) for kind in KINDS]
    columns += [_money(now.c.total, "closing"), _whole(before.c.tenants, "tenants_opening")]
    columns += [_whole(moved.c[f"tenants_{kind}"], f"tenants_{kind}") for kind in KINDS]
    columns += [_whole(now.c.tenants, "tenants_closing"), _whole(before.c.lost, "tenants_lost")]
    columns += [_money(before.c.kept, "kept"), _money(before.c.kept_gross, "kept_gross")]
    columns += [_money(year_ago.c[name], f"{name}_12") for name in ("total", "kept_year", "kept_year_gross")]
    joined = select(*columns).select_from(each).outerjoin(moved, moved.c.month == each.c.month)
    joined = joined.outerjoin(now, now.c.month == each.c.month).outerjoin(before, before.c.month == each.c.month - 1)
    return joined.outerjoin(year_ago, year_ago.c.month == each.c.month - YEAR).order_by(each.c.month)


def _money(column: Any, name: str) -> Any:
    return cast(func.coalesce(column, 0), MONEY).label(name)


def _whole(column: Any, name: str) -> Any:
    return cast(func.coalesce(column, 0), BigInteger).label(name)


def _moved(filters: Filters, since: int) -> CTE:
    """Sums of the ledger's rows by month and kind."""
    month, tenant = month_of_row().label("month"), MrrChange.tenant_id.distinct()
    sums = [func.sum(MrrChange.amount).filter(MrrChange.kind == kind).label(kind) for kind in KINDS]
    heads = [func.count(tenant).filter(MrrChange.kind == kind).label(f"tenants_{kind}") for kind in KINDS]
    begun = MrrChange.at >= months.start_of(since)
    return select(month, *sums, *heads).where(begun, *counted(filters)).group_by(month).cte("moved")


def _totals(filters: Filters, since: int) -> CTE:
    """By month: what was paid and by how many; what of it they paid a month and a year later, with and without growth."""
    balance = balances(filters, since)
    month, mrr = balance.c.month, balance.c.mrr
    later = {
        name: func.coalesce(func.sum(mrr).over(partition_by=balance.c.tenant_id, order_by=month, range_=(far, far)), 0)
        for name, far in (("next_month", 1), ("next_year", YEAR))
    }
    each = select(month, mrr, *(column.label(name) for name, column in later.items())).subquery("paid_later").c
    sums = (
        func.sum(each.mrr).label("total"), func.count().label("tenants"),
        func.sum(each.next_month).label("kept"), func.sum(func.least(each.mrr, each.next_month)).label("kept_gross"),
        func.count().filter(each.next_month == 0).label("lost"),
        func.sum(each.next_year).label("kept_year"), func.sum(func.least(each.mrr, each.next_year)).label("kept_year_gross"),
    )  # fmt: skip
    return select(each.month, *sums).group_by(each.month).cte("totals")


def _with_ratios(frame: pd.DataFrame) -> pd.DataFrame:
    named = frame.assign(
        name=pd.array([months.name_of(number) for number in frame["month"]], dtype="string"),
        arr=frame["closing"] * YEAR,
        arpa=_shares(frame["closing"], frame["tenants_closing"]),
        churn_ratio=_shares(frame["tenants_lost"], frame["tenants_opening"]),
        net_ratio=_shares(frame["kept"], frame["opening"]), gross_ratio=_shares(frame["kept_gross"], frame["opening"]),
        net_ratio_12=_shares(frame["kept_year_12"], frame["total_12"]),
        gross_ratio_12=_shares(frame["kept_year_gross_12"], frame["total_12"]),
    )  # fmt: skip
    order = (
        "month", "name", "opening", "new", "reactivation", "expansion", "contraction", "churn", "closing", "arr",
        "tenants_opening", *(f"tenants_{kind}" for kind in KINDS), "tenants_closing", "tenants_lost", "arpa", "churn_ratio",
        "net_ratio", "gross_ratio", "net_ratio_12", "gross_ratio_12",
    )  # fmt: skip
    return named[list(order)]


def _shares(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Part by whole, NA where there is no whole."""
    known = [float(one) / float(of) if of else None for one, of in zip(part, whole, strict=True)]
    return pd.Series(known, index=part.index, dtype="Float64")

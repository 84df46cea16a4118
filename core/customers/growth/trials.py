"""Trials by the month in which they began, and what became of them."""

from typing import Any

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Integer, and_, cast, func, select

from core.customers.growth import months
from core.customers.growth.balances import series
from core.customers.growth.filters import Filters
from core.customers.growth.models import OUTCOMES, Trial
from core.customers.growth.queries import MOST_MONTHS
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read


def trials(actor: Actor, filters: Filters, *, count: int = 24) -> pd.DataFrame:
    """One row per month, oldest first: month (number), started, converted, expired, cancelled, running, converted_ratio.

    All as it was at the end of `as_of`. The ratio is of those that had ended, NA while none had. Raises Denied.
    """
    require(actor, "revenue:read")
    with read(actor) as rx:
        frame = rx.frame(_trials(filters, min(count, MOST_MONTHS)))
    ended = (frame["started"] - frame["running"]).astype("Float64")
    return frame.assign(converted_ratio=frame["converted"].astype("Float64") / ended.where(ended > 0))


def _trials(filters: Filters, count: int) -> AnySelect:
    first, end = filters.as_of - count + 1, months.start_of(filters.as_of + 1)
    each = series(first, filters.as_of)
    known = [Trial.currency == filters.currency, Trial.started_at >= months.start_of(first), Trial.started_at < end]
    if filters.regions:
        known.append(Trial.tenant_id.in_(select(Tenant.id).where(Tenant.region.in_(filters.regions))))
    at = func.timezone("UTC", Trial.started_at)
    month = cast(func.extract("year", at) * 12 + func.extract("month", at) - 1, Integer)
    has_ended = and_(Trial.ended_at.is_not(None), Trial.ended_at < end)
    counts = {name: _of(and_(has_ended, Trial.outcome == name)) for name in OUTCOMES} | {"running": _of(~has_ended)}
    sums = [func.count().label("started"), *(column.label(name) for name, column in counts.items())]
    of_month = select(month.label("month"), *sums).where(*known).group_by(month).subquery("of_month")
    names = ("started", *OUTCOMES, "running")
    filled = [cast(func.coalesce(of_month.c[name], 0), BigInteger).label(name) for name in names]
    joined = select(each.c.month, *filled).outerjoin(of_month, of_month.c.month == each.c.month)
    return joined.order_by(each.c.month)


def _of(condition: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.count().filter(condition)

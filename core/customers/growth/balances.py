"""The ledger as balances: what each tenant paid a month at the end of every month."""

from sqlalchemy import CTE, ColumnElement, Integer, Text, cast, func, literal, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from core.customers.growth.filters import Filters, counted
from core.customers.subscriptions.models import MrrChange
from core.kernel.reads import AnySelect


def month_of_row() -> ColumnElement[int]:
    """The month of a row of the ledger, as months.number_of counts it."""
    at = func.timezone("UTC", MrrChange.at)
    return cast(func.extract("year", at) * 12 + func.extract("month", at) - 1, Integer)


def _last_of_months(filters: Filters) -> AnySelect:
    """A row per tenant and month in which its MRR changed: what it was at the month's end, and on which plan."""
    month = month_of_row().label("month")
    columns = (MrrChange.tenant_id, month, MrrChange.mrr_after, MrrChange.plan_after)
    order = (MrrChange.tenant_id, month, MrrChange.sequence.desc())
    return select(*columns).where(*counted(filters)).ext(distinct_on(MrrChange.tenant_id, month)).order_by(*order)


def balances(filters: Filters, since: int) -> CTE:
    """Rows of tenant_id, month, mrr and plan: one per tenant and month from `since` on at whose end it paid."""
    last = _last_of_months(filters).subquery("last_of_month")
    following = func.lead(last.c.month).over(partition_by=last.c.tenant_id, order_by=last.c.month)
    spans = select(last, func.coalesce(following - 1, filters.as_of).label("until")).subquery("spans")
    numbers = func.generate_series(func.greatest(spans.c.month, since), spans.c.until).table_valued("month")
    each = numbers.render_derived().lateral("each")
    paid = (
        select(spans.c.tenant_id, cast(each.c.month, Integer).label("month"), spans.c.mrr_after.label("mrr"),
               cast(spans.c.plan_after, Text).label("plan"))
        .join(each, true())
        .where(spans.c.mrr_after > 0, spans.c.until >= since)
    )  # fmt: skip
    return paid.cte("balance")


def series(since: int, until: int) -> CTE:
    """A row per month."""
    numbers = (
        func.generate_series(literal(since, Integer()), literal(until, Integer()))
        .table_valued("month")
        .render_derived()
    )
    return select(cast(numbers.c.month, Integer).label("month")).cte("months")

"""Every tenant's use of every resource, in one statement for all of them; and the days behind us."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, and_, case, delete, func, literal, null, or_, select
from sqlalchemy.dialects.postgresql import insert

from core.customers.quotas.counting import Span, is_counted, used
from core.customers.quotas.limits import GONE, limits
from core.customers.quotas.models import QuotaUsage, QuotaUsageDay
from core.customers.quotas.rules import LARGEST_RATIO, month_of
from core.customers.tenants.models import Tenant
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.rollups import start_of
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

DAY = timedelta(days=1)
LATE = timedelta(hours=2)  # so long after midnight the day before is still counted anew each minute
_NOW, _DAY = QuotaUsage, QuotaUsageDay


def measure(actor: Actor, *, now: datetime | None = None) -> int:
    """Measures every tenant in service; returns how many rows. What began the month anew or is late is in the next look."""
    moment = now or utc_now()
    with record(actor) as tx:
        tx.execute(delete(_NOW).where(_NOW.tenant_id.in_(select(Tenant.id).where(Tenant.status.in_(GONE)))))
        measured = tx.execute(_current(moment))
        for day in sorted({start_of(moment, "day"), start_of(moment - LATE, "day")}):
            _keep(tx, day, min(moment, day + DAY - timedelta(microseconds=1)), moment)
        return int(getattr(measured, "rowcount", 0))


def recount(actor: Actor, days: Iterable[datetime], *, now: datetime | None = None) -> None:
    """Counts days of the past anew, out of what is known of them by now: telemetry may come late.

    How many people there were is known by halves afterwards, so a count that was taken on the day stays.
    """
    moment = now or utc_now()
    with record(actor, timeout_ms=120_000) as tx:
        for day in days:
            _keep(tx, day, min(moment, day + DAY - timedelta(microseconds=1)), moment)


def _amounts(span: Span, limited: Any) -> Any:
    """Of the rows of `limits`: what is used, with 0 where nothing is known to have been."""
    found = used(span).subquery("used")
    amount = func.coalesce(found.c.used, case((is_counted(limited.c.resource, span.last + DAY), 0)))
    on = and_(found.c.tenant_id == limited.c.tenant_id, found.c.resource == limited.c.resource)
    return amount, limited.outerjoin(found, on)


def _ratio(amount: Any, limit: Any) -> ColumnElement[Any]:
    """As rules.ratio_of, cut to four digits: what is nearly at a level is not at it."""
    share = func.least(func.trunc(amount / func.nullif(limit, 0), 4), LARGEST_RATIO)
    of_nothing = case((amount > 0, LARGEST_RATIO), else_=0)
    return case((or_(amount.is_(None), limit.is_(None)), null()), (limit == 0, of_nothing), else_=share).cast(Float)


def _current(moment: datetime) -> Any:
    limited = _in_service(moment).cte("limited").prefix_with("MATERIALIZED", dialect="postgresql")
    amount, joined = _amounts(Span(month_of(moment), moment, is_live=True), limited)
    columns: dict[str, Any] = {
        "tenant_id": limited.c.tenant_id, "resource": limited.c.resource, "used": amount,
        "limit_value": limited.c.limit_value, "source": limited.c.source, "policy": limited.c.policy,
        "ratio": _ratio(amount, limited.c.limit_value), "measured_at": literal(moment),
    }  # fmt: skip
    rows = insert(_NOW).from_select(list(columns), select(*columns.values()).select_from(joined))
    changed = {name: rows.excluded[name] for name in list(columns)[2:]}
    return rows.on_conflict_do_update(
        index_elements=["tenant_id", "resource"], set_=changed, where=_NOW.measured_at < rows.excluded.measured_at
    )


def _in_service(moment: datetime) -> Select[Any]:
    return limits(moment).where(Tenant.status.not_in(GONE), Tenant.created_at <= moment)


def _keep(tx: Recording, day: datetime, as_of: datetime, moment: datetime) -> None:
    """The use of one day; a row whose figures stayed is left alone."""
    retention.make_ready(tx, _DAY.__tablename__, "month", day, day)
    is_today = as_of == moment
    limited = _in_service(as_of).cte("limited")
    amount, joined = _amounts(Span(day, as_of, is_live=is_today), limited)
    # What the limit was on a day that is over is not known afterwards.
    limit = limited.c.limit_value if is_today else null()
    columns = (limited.c.tenant_id, limited.c.resource, literal(day), amount, limit, literal(moment))
    names = ["tenant_id", "resource", "day", "amount", "limit_value", "measured_at"]
    rows = insert(_DAY).from_select(names, select(*columns).select_from(joined))
    values = {name: rows.excluded[name] for name in ("amount", "measured_at", *(["limit_value"] if is_today else []))}
    changed = or_(
        *(getattr(_DAY, name).is_distinct_from(rows.excluded[name]) for name in values if name != "measured_at")
    )
    is_free = literal(True) if is_today else _DAY.resource != "users"
    key = ["tenant_id", "resource", "day"]
    tx.execute(rows.on_conflict_do_update(index_elements=key, set_=values, where=and_(changed, is_free)))

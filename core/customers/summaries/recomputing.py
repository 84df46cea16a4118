"""Every tenant's figures, in one statement for all of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, literal, or_, select
from sqlalchemy.dialects.postgresql import Insert, insert

from core.customers.summaries import billing, counting, health
from core.customers.summaries.models import TenantSummary, TenantSummaryDay
from core.customers.tenants.models import Tenant
from core.health.errors.models import ERROR_ROLLUP
from core.health.messages.models import MESSAGE_ROLLUP
from core.health.requests.models import TENANT_ROLLUP
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.rollups import start_of
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now

FIGURES = (
    "seats_used", "users_active_30d", "messages_30d", "messages_30d_before", "api_calls_30d", "errors_24h", "open_alerts",
    "open_tickets", "mrr", "revenue_30d", "currency",
)  # fmt: skip
_NOW, _DAY = TenantSummary, TenantSummaryDay


def recompute(actor: Actor, *, now: datetime | None = None) -> int:
    """Counts every tenant that is not purged, keeps the figures as those of today too; returns how many tenants."""
    moment = now or utc_now()
    with record(actor) as tx:
        tx.execute(_current(moment))
        _keep(tx, moment, select(_NOW.tenant_id, *(getattr(_NOW, name) for name in FIGURES)))
        for table in (_NOW, _DAY):
            tx.execute(delete(table).where(table.tenant_id.in_(select(Tenant.id).where(Tenant.status == "purged"))))
        return int(tx.session.scalar(select(func.count()).select_from(_NOW)) or 0)


def recount_days(actor: Actor, moments: Iterable[datetime]) -> None:
    """Counts days of the past anew, each as of a moment, out of what is still known of them.

    People's past is known by halves (who was seen last, and when, is overwritten); alerts, messages and money are as they were.
    """
    with record(actor) as tx:
        for moment in moments:
            figures, _ = _figures(moment)
            _keep(tx, moment, figures)


def _figures(moment: datetime) -> tuple[Select[Any], list[ColumnElement[str]]]:
    """A row per tenant that existed then: tenant_id, FIGURES; and what its health is and why, to be selected beside them."""
    people, messages, calls = (one(moment) for one in (counting.people, counting.messages, counting.calls))
    errors, alerts, tickets = (one(moment) for one in (counting.errors, counting.alerts, counting.tickets))
    money = billing.money(moment)
    monitors, requests = health.monitors(), health.requests(moment)
    first = start_of(moment, "day") - 2 * counting.DAYS
    know_messages, knew_messages = counting.known_of(MESSAGE_ROLLUP), counting.known_of(MESSAGE_ROLLUP, before=first)
    values: dict[str, Any] = {
        "seats_used": func.coalesce(people.c.seats_used, 0),
        "users_active_30d": people.c.users_active_30d,
        "messages_30d": counting.when(know_messages, messages.c.messages_30d),
        "messages_30d_before": counting.when(knew_messages, messages.c.messages_30d_before),
        "api_calls_30d": counting.when(counting.known_of(TENANT_ROLLUP, told_by_itself=True), calls.c.api_calls_30d),
        "errors_24h": counting.when(counting.known_of(ERROR_ROLLUP, told_by_itself=True), errors.c.errors_24h),
        "open_alerts": func.coalesce(alerts.c.open_alerts, 0),
        "open_tickets": func.coalesce(tickets.c.open_tickets, 0),
        **{name: money.c[name] for name in ("mrr", "revenue_30d", "currency")},
    }
    joined: Any = Tenant.__table__
    for part in (people, messages, calls, errors, alerts, tickets, money, monitors, requests):
        joined = joined.outerjoin(part, part.c.tenant_id == Tenant.id)
    wanted = and_(Tenant.status != "purged", Tenant.created_at <= moment)
    found = select(Tenant.id.label("tenant_id"), *(values[name].label(name) for name in FIGURES))
    return found.select_from(joined).where(wanted), list(health.judged(monitors, alerts, requests))


def _current(moment: datetime) -> Insert:
    figures, judged = _figures(moment)
    names = ["tenant_id", *FIGURES, "health", "health_reason", "computed_at"]
    rows = insert(_NOW).from_select(names, figures.add_columns(*judged, literal(moment)))
    return rows.on_conflict_do_update(
        index_elements=["tenant_id"], set_={name: rows.excluded[name] for name in names[1:]}
    )


def _keep(tx: Recording, moment: datetime, figures: Select[Any]) -> None:
    """The figures as those of the moment's day. A row whose figures stayed is left alone."""
    day = start_of(moment, "day")
    retention.make_ready(tx, _DAY.__tablename__, "month", day, day)
    rows = insert(_DAY).from_select(
        ["tenant_id", *FIGURES, "day", "computed_at"], figures.add_columns(literal(day), literal(moment))
    )
    changed = or_(*(getattr(_DAY, name).is_distinct_from(rows.excluded[name]) for name in FIGURES))
    values = {name: rows.excluded[name] for name in (*FIGURES, "computed_at")}
    tx.execute(rows.on_conflict_do_update(index_elements=["tenant_id", "day"], set_=values, where=changed))

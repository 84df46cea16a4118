"""What is counted of the tenants, one statement per source: a row per tenant that has any of it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, and_, case, cast, exists, func, or_, select

from core.customers.users.models import TenantUser
from core.health.alerts.models import LIVE, Alert
from core.health.errors.models import ERROR_ROLLUP
from core.health.messages.models import MESSAGE_ROLLUP
from core.health.requests.models import TENANT_ROLLUP
from core.kernel.rollups import Rollup, RollupWatermark, start_of
from core.support.tickets.models import ACTIVE, Ticket

DAYS = timedelta(days=29)  # with today, 30


def people(moment: datetime) -> Subquery:
    """seats_used, users_active_30d; the latter is NULL where the product never told when anybody was seen."""
    user, since = TenantUser, start_of(moment, "day") - DAYS
    is_served = or_(user.deactivated_at.is_(None), user.deactivated_at > moment)
    active = func.count().filter(user.last_seen_at >= since)
    return (
        select(user.tenant_id, func.count().filter(is_served).label("seats_used"),
               case((func.count(user.last_seen_at) > 0, active)).label("users_active_30d"))
        .where(user.created_at <= moment).group_by(user.tenant_id).subquery("people")
    )  # fmt: skip


def messages(moment: datetime) -> Subquery:
    """messages_30d, messages_30d_before: sent, as providers told."""
    table, today = MESSAGE_ROLLUP.day.__table__.c, start_of(moment, "day")
    since = today - DAYS
    recent, before = (
        cast(func.coalesce(func.sum(table.sent).filter(span), 0), BigInteger)
        for span in (table.bucket >= since, table.bucket < since)
    )
    span = table.bucket.between(since - DAYS - timedelta(days=1), today)
    return (
        select(table.tenant_id, recent.label("messages_30d"), before.label("messages_30d_before"))
        .where(span, table.tenant_id.is_not(None)).group_by(table.tenant_id).subquery("messages")
    )  # fmt: skip


def calls(moment: datetime) -> Subquery:
    """api_calls_30d: of the tenant's own API keys."""
    table, today = TENANT_ROLLUP.day.__table__.c, start_of(moment, "day")
    return (
        select(table.tenant_id, cast(func.sum(table.total), BigInteger).label("api_calls_30d"))
        .where(table.bucket.between(today - DAYS, today), table.channel == "api", table.tenant_id.is_not(None))
        .group_by(table.tenant_id).subquery("calls")
    )  # fmt: skip


def errors(moment: datetime) -> Subquery:
    """errors_24h."""
    table, until = ERROR_ROLLUP.hour.__table__.c, start_of(moment, "hour")
    return (
        select(table.tenant_id, cast(func.sum(table.total), BigInteger).label("errors_24h"))
        .where(table.bucket > until - timedelta(days=1), table.bucket <= until, table.tenant_id.is_not(None))
        .group_by(table.tenant_id).subquery("errors")
    )  # fmt: skip


def alerts(moment: datetime) -> Subquery:
    """open_alerts, and of these critical and warning."""
    is_open = and_(Alert.opened_at <= moment, or_(Alert.status.in_(LIVE), Alert.resolved_at > moment))
    grave = {one: func.count().filter(Alert.severity == one).label(one) for one in ("critical", "warning")}
    return (
        select(Alert.tenant_id, func.count().label("open_alerts"), *grave.values())
        .where(is_open, Alert.tenant_id.is_not(None)).group_by(Alert.tenant_id).subquery("alerts")
    )  # fmt: skip


def tickets(moment: datetime) -> Subquery:
    """open_tickets: those that were not over. Of a past moment, one that was reopened since counts as open all the time."""
    ticket = Ticket
    is_open = and_(ticket.created_at <= moment, or_(ticket.status.in_(ACTIVE), ticket.resolved_at > moment))
    return (
        select(ticket.tenant_id, func.count().label("open_tickets"))
        .where(is_open, ticket.tenant_id.is_not(None)).group_by(ticket.tenant_id).subquery("tickets")
    )  # fmt: skip


def known_of(rollup: Rollup, *, before: datetime | None = None, told_by_itself: bool = False) -> ColumnElement[bool]:
    """Whether the rollup knew anything of tenants, by `before`; what the portal counts itself is known when it ever counted."""
    table = rollup.day.__table__.c
    has_rows = exists().where(table.tenant_id.is_not(None), *([table.bucket <= before] if before else []))
    if not told_by_itself:
        return has_rows
    return or_(has_rows, exists().where(RollupWatermark.rollup == rollup.name))


def when(known: ColumnElement[bool], count: Any) -> ColumnElement[Any]:
    """The count, 0 for a tenant without rows, NULL where nothing is known."""
    return case((known, func.coalesce(count, 0)))

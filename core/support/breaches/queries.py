"""Reads of what is late or about to be: overdue tickets, grave ones that nobody has, and targets that were missed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, read
from core.kernel.rollups import start_of
from core.kernel.times import utc_now
from core.support.breaches.models import TicketLevelAlert
from core.support.breaches.statements import BREACH
from core.support.sla.models import TARGETS, TicketClock
from core.support.teams.models import SupportTeam
from core.support.tickets.models import ACTIVE, Ticket

GRAVE = ("urgent", "high")
MOST = 10_000  # what is beyond it is told as "10,000 or more"


@dataclass(frozen=True)
class Filters:
    """Empty values do not filter. `assignee_ids` with `unassigned` finds either."""

    priorities: tuple[str, ...] = ()
    team_ids: tuple[UUID, ...] = ()
    assignee_ids: tuple[UUID, ...] = ()
    unassigned: bool = False
    targets: tuple[str, ...] = ()


_COLUMNS = (
    Ticket.due_at, Ticket.id, Ticket.number, Ticket.subject, Ticket.priority, Ticket.status, Ticket.tenant_id,
    Tenant.name.label("tenant"), Ticket.assignee_id, Ticket.team_id, SupportTeam.name.label("team"), Ticket.created_at,
    Ticket.version,
)  # fmt: skip


def _tickets(filters: Filters, *columns: Any) -> AnySelect:
    joined = select(*_COLUMNS, *columns).outerjoin(Tenant, Tenant.id == Ticket.tenant_id)
    return joined.outerjoin(SupportTeam, SupportTeam.id == Ticket.team_id).where(*_conditions(filters))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    chosen = ((Ticket.priority, filters.priorities), (Ticket.team_id, filters.team_ids))
    made: list[ColumnElement[bool]] = [column.in_(values) for column, values in chosen if values]
    whose = [Ticket.assignee_id.in_(filters.assignee_ids)] if filters.assignee_ids else []
    whose += [Ticket.assignee_id.is_(None)] if filters.unassigned else []
    return [*made, or_(*whose)] if whose else made


def _is_overdue(now: datetime, targets: tuple[str, ...] = ()) -> list[ColumnElement[bool]]:
    made = [Ticket.due_at <= now, Ticket.status.in_(ACTIVE)]
    if not targets:
        return made
    clock = TicketClock
    late = select(clock.ticket_id).where(clock.ticket_id == Ticket.id, clock.target.in_(targets), *_is_late(now))
    return [*made, late.exists()]


def _is_late(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return TicketClock.state == "running", TicketClock.due_at <= now


def _late_targets(now: datetime) -> ColumnElement[Any]:
    """The targets of the ticket that are overdue, in the order of sla.models.TARGETS."""
    clock = TicketClock
    place = func.array_position(list(TARGETS), clock.target)
    listed = select(func.array_agg(aggregate_order_by(clock.target, place))).where(clock.ticket_id == Ticket.id)
    return listed.where(*_is_late(now)).scalar_subquery().label("targets")


def overdue_statement(filters: Filters, *, now: datetime | None = None) -> AnySelect:
    """What `overdue` lists, as a whole and in its order, for exports."""
    return _overdue(filters, now or utc_now()).order_by(Ticket.due_at, Ticket.id)


def _overdue(filters: Filters, now: datetime) -> AnySelect:
    late = (literal(now) - Ticket.due_at).label("late")
    return _tickets(filters, late, _late_targets(now)).where(*_is_overdue(now, filters.targets))


def overdue(
    actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50, now: datetime | None = None
) -> Page:
    """One row per ticket whose clock runs beyond a target, the most overdue first.

    Columns: due_at (UTC, of the first target), id, number, subject, priority, status, tenant_id, tenant (NA), assignee_id
    (NA), team_id (NA), team (NA), created_at, version, late (timedelta), targets (list).
    """
    require(actor, "tickets:read")
    with read(actor) as rx:
        statement = _overdue(filters, now or utc_now())
        return rx.page(statement, keys=[Ticket.due_at, Ticket.id], after=after, limit=limit, descending=False)


def unassigned_statement(filters: Filters) -> AnySelect:
    """What `unassigned` lists, as a whole and in its order, for exports."""
    return _unassigned(filters).order_by(Ticket.due_at.asc().nulls_last(), Ticket.id)


def _unassigned(filters: Filters) -> AnySelect:
    chosen = tuple(one for one in filters.priorities if one in GRAVE) or GRAVE
    grave = Ticket.priority.in_(chosen)
    free = Filters(team_ids=filters.team_ids)
    return _tickets(free).where(grave, Ticket.assignee_id.is_(None), Ticket.status.in_(ACTIVE))


def unassigned(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per urgent or high ticket that nobody has, the next to be due first, those without a due time last.

    Columns as those of `overdue` but late and targets. Of the filters team and priority count.
    """
    require(actor, "tickets:read")
    keys = [Ticket.due_at, Ticket.id]
    with read(actor) as rx:
        return rx.page(_unassigned(filters), keys=keys, after=after, limit=limit, descending=False, nulls_last=True)


def breaches_statement(filters: Filters, since: datetime) -> AnySelect:
    """What `breaches` lists, as a whole and in its order, for exports."""
    alert = TicketLevelAlert
    return _breaches(filters, since).order_by(alert.at.desc(), alert.id.desc())


def _breaches(filters: Filters, since: datetime) -> AnySelect:
    alert, then = TicketLevelAlert, aliased(SupportTeam)
    columns = (
        alert.at, alert.id.label("id"), alert.ticket_id, alert.target, alert.due_at, Ticket.number, Ticket.subject,
        Ticket.priority, Ticket.status, Ticket.tenant_id, Tenant.name.label("tenant"),
        alert.assignee_id, alert.team_id, then.name.label("team"), Ticket.version,
    )  # fmt: skip
    made = [alert.target.in_(filters.targets)] if filters.targets else []
    return (
        select(*columns).join(Ticket, Ticket.id == alert.ticket_id).outerjoin(Tenant, Tenant.id == Ticket.tenant_id)
        .outerjoin(then, then.id == alert.team_id)
        .where(alert.level == BREACH, alert.at >= since, *_conditions(filters), *made)
    )  # fmt: skip


def breaches(
    actor: Actor, filters: Filters, *, since: datetime, after: str | None = None, limit: int = 50
) -> Page:  # fmt: skip
    """One row per target that was found missed since a moment, the latest first. Who had the ticket is of that moment,
    the filters are of the ticket as it is.

    Columns: at (UTC), id (of the alert), ticket_id, target, due_at, number, subject, priority, status, tenant_id, tenant
    (NA), assignee_id (NA), team_id (NA), team (NA), version (of the ticket).
    """
    require(actor, "tickets:read")
    keys = [TicketLevelAlert.at, TicketLevelAlert.id]
    with read(actor) as rx:
        return rx.page(_breaches(filters, since), keys=keys, after=after, limit=limit)


def counts(actor: Actor, *, now: datetime | None = None) -> dict[str, int]:
    """overdue, unassigned (urgent and high ones), breaches (since midnight, UTC): each at most MOST."""
    require(actor, "tickets:read")
    moment = now or utc_now()
    alert = TicketLevelAlert
    free = (Ticket.assignee_id.is_(None), Ticket.status.in_(ACTIVE), Ticket.priority.in_(GRAVE))
    today = select(alert.id).where(alert.level == BREACH, alert.at >= start_of(moment, "day"))
    parts = {
        "overdue": select(Ticket.id).where(*_is_overdue(moment)), "unassigned": select(Ticket.id).where(*free),
        "breaches": today,
    }  # fmt: skip
    counted = [
        select(func.count()).select_from(one.limit(MOST).subquery(name)).scalar_subquery().label(name)
        for name, one in parts.items()
    ]
    with read(actor) as rx:
        row = rx.one(select(*counted))
    return {name: int(getattr(row, name)) for name in parts} if row else dict.fromkeys(parts, 0)

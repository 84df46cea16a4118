"""The statements of a look at the clocks. How many there are does not depend on how many tickets are late.

Clock and ticket are locked together and in no order, which is harmless because nobody waits here: what somebody else holds,
another look or an agent's edit, is left to the next look.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Update,
    Uuid,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from core.support.breaches.models import TicketLevelAlert
from core.support.sla.models import TicketClock
from core.support.tickets.models import Ticket, TicketEvent

BREACH = 100
AT_ONCE = 200_000
_AT = {50: TicketClock.at_50, 75: TicketClock.at_75, 90: TicketClock.at_90, BREACH: TicketClock.due_at}


def is_due(now: datetime, *, breached: bool) -> tuple[ColumnElement[bool], ...]:
    """Clocks that reached a level since they were last looked at: those that are beyond the target, or all others."""
    clock = TicketClock
    is_over = clock.due_at <= now if breached else or_(clock.due_at > now, clock.due_at.is_(None))
    return clock.next_at <= now, clock.state == "running", is_over


def reach(now: datetime, *, breached: bool, by: str, at_once: int = AT_ONCE) -> Update:
    """Moves the clocks on, and with that records the highest level of each that nobody was told of, logs it in the ticket,
    and marks the ticket. `by` is who does so. Affects a row per clock."""
    due = _due(now, at_once, breached=breached)
    clock, told = TicketClock, _told(due, now)
    values: dict[str, Any] = {"level": due.c.level, "next_at": due.c.next_at}
    if breached:
        values["breached_at"] = func.coalesce(clock.breached_at, due.c.due_at)
    moved = update(clock).values(values).where(clock.ticket_id == due.c.ticket_id, clock.target == due.c.target)
    return moved.add_cte(_logged(told, now, by), _marked(due, breached=breached))


def _due(now: datetime, at_once: int, *, breached: bool) -> CTE:
    clock, ticket = TicketClock, Ticket
    level = case(*((_AT[one] <= now, one) for one in sorted(_AT, reverse=True)), else_=clock.level)
    following = func.least(*(case((column > now, column)) for column in _AT.values()))
    found = (
        select(clock.ticket_id, clock.target, clock.tenant_id, clock.started_at, clock.target_s, clock.due_at,
               ticket.assignee_id, ticket.team_id, level.label("level"), following.label("next_at"))
        .join(ticket, ticket.id == clock.ticket_id)
        .where(*is_due(now, breached=breached)).order_by(clock.next_at).limit(at_once)
        .with_for_update(of=(clock, ticket), skip_locked=True, key_share=True)
    )  # fmt: skip
    return found.cte("due")


def _told(due: CTE, now: datetime) -> CTE:
    """Only what is graver than all that was told of this cycle."""
    alert = TicketLevelAlert
    same = (alert.ticket_id == due.c.ticket_id, alert.target == due.c.target, alert.cycle_at == due.c.started_at,
            alert.target_s == due.c.target_s)  # fmt: skip
    rows = select(
        func.gen_random_uuid(), literal(now), due.c.ticket_id, due.c.tenant_id, due.c.target, due.c.started_at,
        due.c.target_s, due.c.level, due.c.due_at, due.c.assignee_id, due.c.team_id,
    ).where(due.c.level > 0, ~exists().where(*same, alert.level >= due.c.level))  # fmt: skip
    names = ["id", "at", "ticket_id", "tenant_id", "target", "cycle_at", "target_s", "level", "due_at", "assignee_id",
             "team_id"]  # fmt: skip
    new = insert(alert).from_select(names, rows).on_conflict_do_nothing()
    return new.returning(alert.ticket_id, alert.tenant_id, alert.target, alert.level, alert.due_at).cte("told")


def _logged(told: CTE, now: datetime, by: str) -> CTE:
    level = cast(told.c.level, TicketEvent.after.type)
    detail = func.jsonb_build_object("target", told.c.target, "level", told.c.level, "due_at", told.c.due_at)
    rows = select(
        func.gen_random_uuid(), told.c.ticket_id, told.c.tenant_id, literal(now), literal("level"), level,
        cast(null(), Uuid()), literal(by), detail,
    )  # fmt: skip
    names = ["id", "ticket_id", "tenant_id", "at", "kind", "after", "actor_id", "actor_name", "detail"]
    return insert(TicketEvent).from_select(names, rows).cte("logged")


def _marked(due: CTE, *, breached: bool) -> CTE:
    """Neither version nor time of the last change: nobody's edit is outdated by it."""
    ticket, wanted = Ticket, "breached" if breached else "warned"
    is_less = ticket.sla_state.not_in(("breached", wanted))
    found = select(due.c.ticket_id).where(cast(due.c.level, Integer) > 0)
    marked = update(ticket).where(ticket.id.in_(found), is_less)
    return marked.values(sla_state=wanted, updated_at=ticket.updated_at).cte("marked")

"""What the clock process does when shares of a target are used up: the level is recorded, logged and marked, once.

As actions and not as observations, because tickets and their logs change: an entry per look in the audit, and for each
ticket that missed its target one of its own tenant, which webhooks hear.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from core.kernel.actor import Actor
from core.kernel.capture import Change
from core.kernel.errors import TooSlow
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.kernel.writes import Transaction, write
from core.support.breaches.models import TicketLevelAlert
from core.support.breaches.statements import AT_ONCE, BREACH, is_due, reach
from core.support.sla.models import TicketClock

SMALLER, FEWEST = 10, 100
Act = Callable[..., int]


def warn(actor: Actor, *, now: datetime | None = None, at_once: int = AT_ONCE) -> int:
    """Tells that 50, 75 or 90 % of a target are used up. Returns how many clocks were moved on."""
    with write(actor, "tickets.warn") as tx:
        _go_by_index(tx)
        moved = tx.bulk(reach(now or tx.now, breached=False, by=actor.name, at_once=at_once))
        tx.note(clocks=moved)
    return moved


def breach(actor: Actor, *, now: datetime | None = None, at_once: int = AT_ONCE) -> int:
    """Tells that tickets missed a target; each tenant's tickets in an event of its own. Returns how many clocks moved on."""
    with write(actor, "tickets.breach") as tx:
        moment = now or tx.now
        _go_by_index(tx)
        moved = tx.bulk(reach(moment, breached=True, by=actor.name, at_once=at_once))
        for row in _breached(tx, moment):
            tx.changed.add(_change(*row))
        tx.note(clocks=moved)
    return moved


def _go_by_index(tx: Transaction) -> None:
    """Under row-level security the planner expects one clock to be due. Of the ways that are good for one, only those by an
    index are good for many: reading the alerts anew for each clock is not."""
    tx.session.execute(text("SET LOCAL enable_seqscan = off"))


def _breached(tx: Transaction, moment: datetime) -> list[Any]:
    alert = TicketLevelAlert
    found = select(alert.ticket_id, alert.tenant_id, alert.target, alert.due_at)
    rows = tx.session.execute(found.where(alert.at == moment, alert.level == BREACH).order_by(alert.tenant_id))
    return list(rows)


def _change(ticket_id: UUID, tenant_id: UUID | None, target: str, due_at: datetime) -> Change:
    return Change("ticket", ticket_id, "update", tenant_id, {f"{target}_breached_at": [None, due_at]})


def catch_up(actor: Actor, *, now: datetime | None = None) -> int:
    """Looks at all clocks; of each that passed several levels only the highest is told. Returns how many moved on.

    Looks before it acts: an action that finds nothing still costs a transaction that writes.
    """
    return sum(_act(actor, act, now, breached=breached) for act, breached in ((warn, False), (breach, True)))


def _act(actor: Actor, act: Act, now: datetime | None, *, breached: bool) -> int:
    """All at once; where the machine is too slow for that, in smaller parts, because else they would never be told.
    Raises TooSlow when even a small part takes too long."""
    moved, at_once = 0, AT_ONCE
    while _has_due(actor, now, breached=breached):
        try:
            some = act(actor, now=now, at_once=at_once)
        except TooSlow:
            at_once //= SMALLER
            if at_once < FEWEST:
                raise
            continue
        moved += some
        if some < at_once:
            break
    return moved


def _has_due(actor: Actor, now: datetime | None, *, breached: bool) -> bool:
    with read(actor) as rx:
        found = select(TicketClock.ticket_id).where(*is_due(now or utc_now(), breached=breached)).limit(1)
        return rx.value(found) is not None

"""Giving open tickets the terms of today, when somebody decides so."""

from itertools import islice

from sqlalchemy import insert, select

from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.writes import write
from core.support.sla import effects, steps
from core.support.tickets.models import ACTIVE, Ticket, TicketEvent

LIMIT = effects.LIMIT
LOOKED_AT = 200_000


def reapply_open(actor: Actor, *, reason: str) -> int:
    """Gives the open tickets whose terms are not those of today the terms of today, at most LIMIT at a time, the oldest first.

    Each says so in its log. Returns how many. Raises ReasonRequired.
    """
    with write(actor, "sla.reapply", reason=reason) as tx:
        open_ones = select(Ticket.id).where(Ticket.status.in_(ACTIVE)).order_by(Ticket.created_at, Ticket.id)
        ids = list(tx.session.scalars(open_ones.limit(LOOKED_AT)))
        moved = list(islice(effects.under_other_terms(tx.session, ids), LIMIT))
        if not moved:
            return 0
        tx.bulk(insert(TicketEvent), [
            {"id": uuid7(), "ticket_id": one.id, "tenant_id": one.tenant_id, "at": tx.now, "kind": "terms",
             "after": name, "actor_id": actor.operator_id, "actor_name": actor.name, "detail": {}}
            for one, name in moved
        ])  # fmt: skip
        steps.reapply_many(tx, [one.id for one, _ in moved])
        tx.note(tickets=len(moved))
    return len(moved)

"""Tickets that stayed resolved are closed."""

from datetime import timedelta

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.settings import settings
from core.kernel.writes import write
from core.support.tickets import bulk, changes
from core.support.tickets.models import Ticket


def patience() -> timedelta:
    """How long a ticket stays resolved before it is closed."""
    return timedelta(days=settings().ticket_close_days)


def close_resolved(actor: Actor) -> int:
    """Closes the tickets that have been resolved for so long, at most bulk.MOST of them; returns how many."""
    with write(actor, "tickets.close_resolved") as tx:
        ripe = select(Ticket.id).where(Ticket.status == "resolved", Ticket.resolved_at <= tx.now - patience())
        wanted = list(tx.session.scalars(ripe.order_by(Ticket.resolved_at).limit(bulk.MOST)))
        outcomes = bulk.change_each(tx, wanted, lambda inner, ticket: changes.set_status(inner, ticket, "closed"))
    return sum(outcome.problem is None for outcome in outcomes)

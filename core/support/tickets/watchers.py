"""Operators who are told of tickets that are not theirs."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.writes import write
from core.support.teams import people
from core.support.tickets import uses
from core.support.tickets.models import Ticket, TicketWatcher

MOST = 200


def watch(actor: Actor, ticket_id: UUID) -> None:
    """Tells the actor of the ticket from now on; nothing changes for who is told already. Raises Invalid, NotFound."""
    with write(actor, "tickets.watch") as tx:
        uses.watch(tx, tx.get(Ticket, ticket_id), [_self(actor)], why="chosen")


def unwatch(actor: Actor, ticket_id: UUID) -> None:
    """Tells the actor of the ticket no more. Raises Invalid, NotFound for who does not watch it."""
    with write(actor, "tickets.unwatch") as tx:
        tx.delete(tx.get(TicketWatcher, (ticket_id, _self(actor))))


def _self(actor: Actor) -> UUID:
    if actor.operator_id is None:
        raise Invalid("Only an operator can watch a ticket. Sign in to do so.")
    return actor.operator_id


def of(actor: Actor, ticket_id: UUID) -> list[dict[str, Any]]:
    """Who watches the ticket, by name: operator_id, name, why (chosen or mentioned). Raises Denied."""
    require(actor, "tickets:read")
    found = select(TicketWatcher.operator_id, TicketWatcher.why).where(TicketWatcher.ticket_id == ticket_id)
    with read(actor) as rx:
        rows = rx.rows(found.limit(MOST))
    names = people.names(row.operator_id for row in rows)
    told = [row._asdict() | {"name": names.get(row.operator_id, "")} for row in rows]
    return sorted(told, key=lambda one: one["name"].lower())

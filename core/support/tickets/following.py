"""What follows in tickets from incidents that are linked with them."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.events import Event, subscriber
from core.kernel.reads import as_id
from core.kernel.writes import Transaction, write
from core.reliability.incidents import rules as incidents
from core.reliability.incidents.models import Incident
from core.support.tickets import linking
from core.support.tickets.models import Ticket, TicketLink

_TYPES = ("incidents.declare", "incidents.link", "incidents.unlink", "incidents.merge")


@subscriber(*_TYPES, name="tickets.follow_incidents")
def follow_incident(actor: Actor, event: Event) -> None:
    """A ticket that an incident is linked with is linked with it in turn, so that who works on it sees the incident."""
    told = event.payload
    incident_id = as_id(str(told.get("incident_id")))
    named = told.get("tickets") or ([told.get("target")] if told.get("kind") == "ticket" else [])
    tickets = [key for one in named if (key := as_id(str(one)))]
    if incident_id is None or not tickets:
        return
    with write(actor, "tickets.follow_incident") as tx:
        incident = tx.session.get(Incident, incident_id)
        if incident is not None:
            _follow(tx, incident, tickets, is_linked=told.get("is_linked", True))


def _follow(tx: Transaction, incident: Incident, tickets: Iterable[UUID], *, is_linked: bool) -> None:
    target, shown = str(incident.id), incidents.number_of(incident.number)
    for ticket in tx.lock_many(Ticket, tickets):
        if is_linked:
            linking.point(tx, ticket, "incident", target, shown=shown)
        elif (known := _known(tx, ticket, target)) is not None:
            linking.remove(tx, known)


def _known(tx: Transaction, ticket: Ticket, target: str) -> TicketLink | None:
    found = select(TicketLink).where(
        TicketLink.ticket_id == ticket.id, TicketLink.kind == "incident", TicketLink.target == target
    )
    return tx.session.scalars(found).first()

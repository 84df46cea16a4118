"""What follows in an incident from elsewhere: pages that somebody takes, and tickets that are linked to it."""

from contextlib import suppress
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone
from core.kernel.events import Event, subscriber
from core.kernel.reads import as_id
from core.kernel.writes import Transaction, write
from core.reliability.incidents import changes, linking, rules
from core.reliability.incidents.models import Incident, IncidentLink
from core.support.tickets import numbers
from core.support.tickets.models import Ticket


@subscriber("on_call.acknowledge", name="incidents.take")
def take(actor: Actor, event: Event) -> None:
    """Who takes the page takes the incident."""
    key = as_id(str(event.payload.get("incident_id")))
    if key is not None:
        with suppress(AlreadyDone):
            _take(actor, key, event)


def _take(actor: Actor, incident_id: UUID, event: Event) -> None:
    with write(actor, "incidents.acknowledge", once=f"incidents.take:{event.id}") as tx:
        incident = tx.session.get(Incident, incident_id, with_for_update=True)
        if incident is not None and incident.status in rules.LIVE:
            changes.acknowledge(tx, incident, text=f"Acknowledged by {event.actor_name}, who was paged")
            changes.note(tx, incident)


@subscriber("tickets.link", "tickets.unlink", name="incidents.follow_tickets")
def follow_ticket(actor: Actor, event: Event) -> None:
    """A ticket that is linked to an incident is linked with it from both sides."""
    told = event.payload
    incident_id, ticket_id = as_id(str(told.get("target"))), as_id(str(told.get("ticket_id")))
    if told.get("kind") != "incident" or incident_id is None or ticket_id is None:
        return
    with write(actor, "incidents.follow_ticket") as tx:
        incident = tx.session.get(Incident, incident_id, with_for_update=True)
        ticket = tx.session.get(Ticket, ticket_id)
        if incident is not None and ticket is not None:
            _follow(tx, incident, ticket, is_linked=bool(told.get("is_linked")))


def _follow(tx: Transaction, incident: Incident, ticket: Ticket, *, is_linked: bool) -> None:
    target = str(ticket.id)
    if is_linked:
        linking.put(tx, incident, "ticket", target, numbers.number_of(ticket))
        return
    known = select(IncidentLink).where(
        IncidentLink.incident_id == incident.id, IncidentLink.kind == "ticket", IncidentLink.target == target
    )
    found = tx.session.scalars(known).first()
    if found is not None:
        linking.remove(tx, found)

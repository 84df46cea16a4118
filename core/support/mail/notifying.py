"""Who is told of what by mail. A handler only queues: what must not leave is looked at again when the mail is sent."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.access.operators.models import Operator
from core.kernel.actor import Actor
from core.kernel.events import Event, subscriber
from core.kernel.reads import Reading, as_id, read
from core.kernel.telemetry import record
from core.support.mail import queueing
from core.support.tickets.models import Ticket, TicketEvent, TicketMessage, TicketWatcher

MOST = 100
AT_ONCE = timedelta(milliseconds=1)  # events of one transaction lie microseconds apart
_TICKET = (
    Ticket.id, Ticket.tenant_id, Ticket.requester_id, Ticket.requester_email, Ticket.channel, Ticket.assignee_id,
    Ticket.created_at,
)  # fmt: skip


@subscriber("tickets.create", name="ticket_mail.created")
def tell_of_ticket(actor: Actor, event: Event) -> None:
    """Confirms a new ticket to its requester. An address that nobody knows is not written to: it may be forged."""
    with read(actor) as rx:
        ticket = _ticket(rx, event)
        assignees = _addresses(rx, _from_the_start(rx, ticket), but=event.actor_id) if ticket else []
    if ticket is None or ticket.channel == "import":
        return
    is_known = ticket.requester_id is not None or ticket.channel != "email"
    if is_known and ticket.requester_email:
        _queue(actor, event, ticket, "created", [ticket.requester_email])
    _queue(actor, event, ticket, "assigned", assignees)


@subscriber("tickets.reply", name="ticket_mail.replied")
def tell_of_reply(actor: Actor, event: Event) -> None:
    """Sends a public reply to the requester, and tells colleagues who were mentioned. An internal note goes to no customer."""
    with read(actor) as rx:
        ticket, message = _ticket(rx, event), _message(rx, event)
        if ticket is None or message is None:
            return
        mentioned = _addresses(rx, message.mentions, but=event.actor_id)
    is_for_customer = not message.is_internal and message.author_kind == "agent"
    if is_for_customer and ticket.requester_email:
        _queue(actor, event, ticket, "reply", [ticket.requester_email], message.id)
    _queue(actor, event, ticket, "mentioned", mentioned, message.id)


@subscriber("tickets.receive", name="ticket_mail.received")
def tell_of_message(actor: Actor, event: Event) -> None:
    """Tells the assignee and the watchers that the customer wrote."""
    with read(actor) as rx:
        ticket, message = _ticket(rx, event), _message(rx, event)
        if ticket is None or message is None:
            return
        watchers = [
            row.operator_id
            for row in rx.rows(
                select(TicketWatcher.operator_id).where(TicketWatcher.ticket_id == ticket.id).limit(MOST)
            )
        ]
        recipients = _addresses(rx, [ticket.assignee_id, *watchers], but=event.actor_id)
    _queue(actor, event, ticket, "received", recipients, message.id)


@subscriber("tickets.assign", name="ticket_mail.assigned")
def tell_of_assignment(actor: Actor, event: Event) -> None:
    """Tells the assignee, unless he took the ticket himself."""
    with read(actor) as rx:
        ticket = _ticket(rx, event)
        recipients = _addresses(rx, [as_id(str(event.payload.get("assignee_id")))], but=event.actor_id)
    if ticket is not None:
        _queue(actor, event, ticket, "assigned", recipients)


@subscriber("satisfaction.ask", name="ticket_mail.resolved")
def tell_of_resolution(actor: Actor, event: Event) -> None:
    """Sends the requester how the ticket was resolved, with the link that asks for a rating."""
    survey_id = as_id(str(event.payload.get("survey_id")))
    with read(actor) as rx:
        ticket, message = _ticket(rx, event), _message(rx, event)
    if ticket is not None and ticket.requester_email:
        key = message.id if message is not None else None
        _queue(actor, event, ticket, "resolved", [ticket.requester_email], key, survey_id=survey_id)


def _ticket(rx: Reading, event: Event) -> Any:
    """The event's ticket. None for the part of an event that is about another tenant's or nobody's rows."""
    key = as_id(str(event.payload.get("ticket_id")))
    found = rx.one(select(*_TICKET).where(Ticket.id == key)) if key else None
    return found if found is not None and found.tenant_id == event.tenant_id else None


def _from_the_start(rx: Reading, ticket: Any) -> list[UUID | None]:
    """To whom the ticket was given when it was opened, whoever has it by now."""
    given = select(TicketEvent.after).where(
        TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "assignee", TicketEvent.at < ticket.created_at + AT_ONCE
    )
    return [as_id(row.after) for row in rx.rows(given) if row.after]


def _message(rx: Reading, event: Event) -> Any:
    key = as_id(str(event.payload.get("message_id")))
    columns = (TicketMessage.id, TicketMessage.is_internal, TicketMessage.author_kind, TicketMessage.mentions)
    return rx.one(select(*columns).where(TicketMessage.id == key)) if key else None


def _addresses(rx: Reading, operators: Iterable[UUID | None], *, but: UUID | None) -> list[str]:
    """Of the operators in service among these, without the one who did it."""
    ids = {one for one in operators if one is not None and one != but}
    if not ids:
        return []
    told = select(Operator.email).where(Operator.id.in_(ids), Operator.disabled_at.is_(None)).order_by(Operator.email)
    return [row.email for row in rx.rows(told.limit(MOST))]


def _queue(
    actor: Actor,
    event: Event,
    ticket: Any,
    kind: str,
    recipients: list[str],
    message_id: UUID | None = None,
    **more: Any,
) -> None:
    about = {"event_id": event.id, "ticket_id": ticket.id, "tenant_id": ticket.tenant_id, "message_id": message_id}
    with record(actor) as tx:
        queueing.put(tx.session, recipients, request_id=event.request_id, kind=kind, **about, **more)

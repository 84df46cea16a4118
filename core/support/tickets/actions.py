"""What can be done with one ticket. Each action logs what it did; the clocks follow from the log."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from core.customers.tenants.queries import require_bindable
from core.kernel.actor import Actor
from core.kernel.writes import Transaction, write
from core.support.sla import steps
from core.support.teams import people
from core.support.teams.queries import require_team
from core.support.tickets import changes, linking, numbers, opening, rules, uses
from core.support.tickets.models import Ticket, TicketMessage


def create(  # noqa: PLR0913  (a ticket says as much)
    actor: Actor, *, subject: str, description: str, tenant_id: UUID | None = None, requester_id: UUID | None = None,
    requester_name: str | None = None, requester_email: str | None = None, priority: str = "medium",
    category: str | None = None, channel: str = "portal", tags: Sequence[str] = (), team_id: UUID | None = None,
    assignee_id: UUID | None = None, correlation_id: str | None = None, mail_id: str | None = None,
    attachments: Sequence[UUID] = (), once: str | None = None,
) -> Ticket:  # fmt: skip
    """Opens a ticket with the next number and starts its clocks. Tenant, name and address come from the requester where
    they are not given. Raises one Invalid naming every bad field, NotFound, AlreadyDone."""
    with write(actor, "tickets.create", once=once) as tx:
        given = {
            "subject": subject, "description": description, "priority": priority, "category": category, "channel": channel,
            "tags": tags, "team_id": team_id,
        }  # fmt: skip
        who = opening.Requester(tenant_id, requester_id, requester_name, requester_email)
        values = opening.cleaned(actor, given, who)
        people.require_assignable([assignee_id])
        labels = {"correlation_id": rules.clean_label(correlation_id), "mail_id": rules.clean_label(mail_id)}
        ticket = opening.add(tx, values, assignee_id=assignee_id, **labels)
        opening.log_assignee(tx, ticket)
        uses.attach(tx, ticket, None, attachments)
        _note(tx, ticket)
    return ticket


def reply(  # noqa: PLR0913  (a message says as much)
    actor: Actor, ticket_id: UUID, *, body: str, is_internal: bool = False, mentions: Sequence[UUID] = (),
    attachments: Sequence[UUID] = (), status: str | None = None, version: int | None = None, once: str | None = None,
) -> TicketMessage:  # fmt: skip
    """Writes to the customer, or a note to colleagues; which of the two is fixed by this. Those who are mentioned watch the
    ticket from now on. Raises Invalid, NotFound, Conflict, AlreadyDone."""
    with write(actor, "tickets.reply", once=once) as tx:
        text = rules.clean_body(body)
        wanted = rules.require_status(status) if status else None
        known = people.require_assignable(mentions)
        ticket = tx.lock(Ticket, ticket_id, version=version)
        rules.require_open(ticket.status)
        message = changes.say(tx, ticket, text, is_internal=is_internal, mentions=mentions)
        uses.attach(tx, ticket, message, attachments)
        uses.watch(tx, ticket, known, why="mentioned")
        uses.forget_draft(tx, ticket)
        if wanted:
            changes.set_status(tx, ticket, wanted)
        _renew(tx, ticket, message_id=message.id, is_internal=is_internal, mentions=list(known))
    return message


def receive(
    actor: Actor, ticket_id: UUID, *, body: str, author_name: str, author_id: UUID | None = None,
    mail_id: str | None = None, attachments: Sequence[UUID] = (), once: str | None = None,
) -> TicketMessage:  # fmt: skip
    """Takes what the customer wrote: a waiting ticket goes on, a resolved one is reopened. For a closed one a new one is
    opened and linked, and the message is of that. Raises Invalid, NotFound, AlreadyDone."""
    with write(actor, "tickets.receive", once=once) as tx:
        text = rules.clean_body(body)
        ticket = tx.lock(Ticket, linking.end_of(tx, ticket_id))
        if ticket.status == "closed":
            closed, ticket = ticket, opening.follow_up(tx, ticket)
            linking.join(tx, ticket, closed)
        who = changes.Author(author_id, rules.clean_author(author_name))
        message = changes.hear(tx, ticket, text, who, mail_id=rules.clean_label(mail_id))
        uses.attach(tx, ticket, message, attachments)
        changes.set_status(tx, ticket, rules.after_customer(ticket.status))
        _renew(tx, ticket, message_id=message.id)
    return message


def update(actor: Actor, ticket_id: UUID, *, version: int, **values: Any) -> Ticket:
    """Changes rules.EDITABLE. Raises Invalid naming every bad field, NotFound, Conflict."""
    with write(actor, "tickets.update") as tx:
        cleaned = rules.clean_edit(values)
        require_team(cleaned.get("team_id"))
        if cleaned.get("tenant_id"):
            require_bindable(actor, cleaned["tenant_id"])
        ticket = tx.lock(Ticket, ticket_id, version=version)
        if changes.set_values(tx, ticket, cleaned):
            _renew(tx, ticket)
    return ticket


def assign(actor: Actor, ticket_id: UUID, *, assignee_id: UUID | None, version: int | None = None) -> Ticket:
    """Gives the ticket to an operator, or takes it from everybody; an open one goes into progress.

    Raises Invalid for an operator who cannot answer tickets and for a closed ticket, NotFound, Conflict.
    """
    with write(actor, "tickets.assign") as tx:
        people.require_assignable([assignee_id])
        ticket = tx.lock(Ticket, ticket_id, version=version)
        rules.require_open(ticket.status)
        if changes.set_assignee(tx, ticket, assignee_id):
            _renew(tx, ticket, assignee_id=assignee_id)
    return ticket


def set_status(actor: Actor, ticket_id: UUID, *, status: str, version: int | None = None) -> Ticket:
    """Moves the ticket into another state; resolving and reopening are acts of their own. Raises Invalid, NotFound,
    Conflict."""
    with write(actor, "tickets.set_status") as tx:
        wanted = rules.require_status(status)
        ticket = tx.lock(Ticket, ticket_id, version=version)
        if changes.set_status(tx, ticket, wanted):
            _renew(tx, ticket)
    return ticket


def resolve(actor: Actor, ticket_id: UUID, *, note: str, version: int | None = None) -> Ticket:
    """Ends the work with a note to the customer that says how, which is a reply too. Raises Invalid, NotFound, Conflict."""
    with write(actor, "tickets.resolve") as tx:
        text = rules.clean_body(note, field="note", name="note")
        ticket = tx.lock(Ticket, ticket_id, version=version)
        rules.require_move(ticket.status, "resolved")
        message = changes.say(tx, ticket, text)
        changes.set_status(tx, ticket, "resolved")
        uses.forget_draft(tx, ticket)
        _renew(tx, ticket, message_id=message.id)
    return ticket


def reopen(actor: Actor, ticket_id: UUID, *, reason: str, version: int | None = None) -> Ticket:
    """Takes a resolved or closed ticket up again; its clocks go on with what has elapsed. Raises Invalid, NotFound, Conflict."""
    with write(actor, "tickets.reopen", reason=reason) as tx:
        text = rules.clean_reason(reason)
        ticket = tx.lock(Ticket, ticket_id, version=version)
        rules.require_unmerged(ticket.merged_into_id)
        rules.require_move(ticket.status, "reopened")
        changes.set_status(tx, ticket, "reopened", reason=text)
        _renew(tx, ticket)
    return ticket


def reapply_terms(actor: Actor, ticket_id: UUID) -> Ticket:
    """Gives the ticket the terms that its policy has today. Raises Invalid for a closed ticket, NotFound."""
    with write(actor, "tickets.reapply_terms") as tx:
        ticket = tx.lock(Ticket, ticket_id)
        rules.require_open(ticket.status)
        tx.session.flush()
        steps.reapply(tx, ticket)
        _note(tx, ticket)
    return ticket


def _renew(tx: Transaction, ticket: Ticket, **noted: Any) -> None:
    tx.session.flush()
    steps.renew(tx, [ticket.id])
    _note(tx, ticket, **noted)


def _note(tx: Transaction, ticket: Ticket, **noted: Any) -> None:
    tx.note(ticket_id=ticket.id, number=numbers.number_of(ticket), **noted)

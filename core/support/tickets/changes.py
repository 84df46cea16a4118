"""Private steps of the actions: each changes a ticket and logs it. The clocks are renewed by whoever calls them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.kernel.writes import Transaction
from core.support.tickets import log, rules
from core.support.tickets.models import Ticket, TicketMessage


@dataclass(frozen=True, slots=True)
class Author:
    """A customer who writes; the id is that of the account, where it is known."""

    id: UUID | None
    name: str


# Columns and the kind of event that tells of them.
_TOLD = {"subject": "subject", "priority": "priority", "category": "category", "tags": "tags", "team_id": "team"}


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(value)
    return None if value is None else str(value)


def set_values(tx: Transaction, ticket: Ticket, values: Mapping[str, Any]) -> bool:
    """Takes clean values and logs those that differ; returns whether any does."""
    differing = {name: value for name, value in values.items() if getattr(ticket, name) != value}
    for name, value in differing.items():
        before = getattr(ticket, name)
        setattr(ticket, name, value)
        if name in _TOLD:
            log.add(tx, ticket, _TOLD[name], before=_text(before), after=_text(value))
    return bool(differing)


def set_status(tx: Transaction, ticket: Ticket, wanted: str, **detail: Any) -> bool:
    """Moves the ticket into a state and logs it; returns whether that changed it. Raises Invalid."""
    if ticket.status == wanted:
        return False
    rules.require_move(ticket.status, wanted)
    force_status(tx, ticket, wanted, **detail)
    return True


def force_status(tx: Transaction, ticket: Ticket, wanted: str, **detail: Any) -> None:
    """As `set_status`, from any state: a merged ticket is closed whatever it was."""
    before, ticket.status = ticket.status, wanted
    if wanted == "reopened":
        ticket.resolved_at = ticket.closed_at = None
        ticket.reopen_count += 1
    if wanted in ("resolved", "closed"):
        ticket.resolved_at = ticket.resolved_at or tx.now
    if wanted == "closed":
        ticket.closed_at = tx.now
    log.add(tx, ticket, "status", before=before, after=wanted, **detail)


def set_assignee(tx: Transaction, ticket: Ticket, assignee_id: UUID | None) -> bool:
    """Gives the ticket to an operator, or to nobody; an open one goes into progress. Returns whether that changed it."""
    if ticket.assignee_id == assignee_id:
        return False
    before, ticket.assignee_id = ticket.assignee_id, assignee_id
    log.add(tx, ticket, "assignee", before=_text(before), after=_text(assignee_id))
    if assignee_id is not None and ticket.status == "open":
        set_status(tx, ticket, "in_progress")
    return True


def say(
    tx: Transaction, ticket: Ticket, body: str, *, is_internal: bool = False, mentions: Sequence[UUID] = ()
) -> TicketMessage:
    """Writes what an agent says. The first public word stamps the first response."""
    message = tx.add(TicketMessage(
        ticket_id=ticket.id, tenant_id=ticket.tenant_id, author_kind="agent", author_id=tx.actor.id, author_name=tx.actor.name,
        body=body, is_internal=is_internal, mentions=list(mentions), created_at=tx.now,
    ))  # fmt: skip
    tx.session.flush()
    if not is_internal:
        ticket.first_response_at = ticket.first_response_at or tx.now
        ticket.last_agent_at = tx.now
    log.add(tx, ticket, "note" if is_internal else "reply", message_id=str(message.id))
    return message


def hear(tx: Transaction, ticket: Ticket, body: str, author: Author, *, mail_id: str | None = None) -> TicketMessage:
    """Takes what a customer wrote."""
    message = tx.add(TicketMessage(
        ticket_id=ticket.id, tenant_id=ticket.tenant_id, author_kind="customer", author_id=author.id, author_name=author.name,
        body=body, mail_id=mail_id, created_at=tx.now,
    ))  # fmt: skip
    tx.session.flush()
    ticket.last_customer_at = tx.now
    log.add(tx, ticket, "customer", message_id=str(message.id))
    return message

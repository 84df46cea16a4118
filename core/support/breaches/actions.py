"""Escalating one ticket by hand: it becomes more urgent, or the team's lead takes it, who is told in any case."""

from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import select

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write
from core.support.breaches.models import TicketDigest
from core.support.breaches.telling import SEND
from core.support.sla import steps
from core.support.teams.models import SupportTeam
from core.support.teams.people import require_assignable
from core.support.tickets import changes, log, rules
from core.support.tickets.models import ACTIVE, PRIORITIES, Ticket

By = Literal["priority", "lead"]
MAX_REASON = 500


def escalate(actor: Actor, ticket_id: UUID, *, reason: str, by: By = "priority", version: int | None = None) -> Ticket:
    """Raises the priority by one step, or gives the ticket to the lead of its team. The lead is told, if there is one.

    Raises Invalid for a ticket that is over, that is urgent already, or whose team has no lead; Conflict, NotFound.
    """
    with write(actor, "tickets.escalate", reason=reason) as tx:
        _require_known(by, reason)
        ticket = tx.lock(Ticket, ticket_id, version=version)
        _require_active(ticket)
        lead_id = _lead_of(tx, ticket)
        raised = _raise_priority(tx, ticket) if by == "priority" else _give_to_lead(tx, ticket, lead_id)
        log.add(tx, ticket, "escalated", after=raised, by=by, reason=reason.strip())
        tx.session.flush()
        steps.renew(tx, [ticket.id])
        _tell_lead(tx, ticket, lead_id, reason.strip())
        tx.note(ticket_id=ticket.id, by=by)
    return ticket


def _require_known(by: str, reason: str) -> None:
    rules.one_of("by", by, get_args(By))
    if len(reason) > MAX_REASON:
        raise Invalid(f"Say why in at most {MAX_REASON} characters.", {"reason": f"At most {MAX_REASON} characters."})


def _require_active(ticket: Ticket) -> None:
    if ticket.status not in ACTIVE:
        raise Invalid("This ticket is over, so there is nothing to escalate. Reopen it first.")


def _lead_of(tx: Transaction, ticket: Ticket) -> UUID | None:
    if ticket.team_id is None:
        return None
    lead_id: UUID | None = tx.session.scalar(select(SupportTeam.lead_id).where(SupportTeam.id == ticket.team_id))
    return lead_id


def _raise_priority(tx: Transaction, ticket: Ticket) -> str:
    place = PRIORITIES.index(ticket.priority)
    if place == 0:
        raise _bad("This ticket is urgent already. Give it to the lead of its team instead.")
    changes.set_values(tx, ticket, {"priority": PRIORITIES[place - 1]})
    return ticket.priority


def _give_to_lead(tx: Transaction, ticket: Ticket, lead_id: UUID | None) -> str:
    if lead_id is None:
        raise _bad("This ticket has no team, or its team no lead. Give it to a team with a lead first.")
    names = require_assignable([lead_id])
    if not changes.set_assignee(tx, ticket, lead_id):
        raise _bad(f"{names[lead_id]} leads the team and has this ticket already. Raise its priority instead.")
    return names[lead_id]


def _tell_lead(tx: Transaction, ticket: Ticket, lead_id: UUID | None, reason: str) -> None:
    """Nobody is told of an own act."""
    if lead_id is None or lead_id == tx.actor.operator_id:
        return
    item: dict[str, Any] = {"ticket_id": str(ticket.id), "by": tx.actor.name}
    tx.add(TicketDigest(operator_id=lead_id, kind="escalated", levels={}, items=[item], note=reason))
    tx.enqueue(SEND, key=SEND)


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, {"by": sentence})

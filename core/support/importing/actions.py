"""Storing incidents of another system as tickets: many at once, each one once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.writes import Transaction, write
from core.support.importing.history import Incident, Step
from core.support.sla import steps
from core.support.teams.models import SupportTeam
from core.support.tickets import numbers
from core.support.tickets.models import Ticket, TicketCounter, TicketEvent
from core.support.tickets.rules import MAX_CATEGORY

SOURCE = "servicenow"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many tickets were made, and how many were there already and left as they are."""

    made: int
    known: int


def import_many(actor: Actor, incidents: Sequence[Incident]) -> Outcome:
    """Makes a ticket with its history for each incident that is not a ticket yet; an incident's number is its external id.

    Teams are made for the groups that are none yet; agents stay names, because nobody of them signs in here. In a number of
    statements that does not depend on how many there are.
    """
    with write(actor, "tickets.import_many") as tx:
        # One import after the other: two at once would both find an incident new.
        tx.session.execute(select(TicketCounter.id).with_for_update())
        new = _new(tx, incidents)
        if new:
            tickets = _tickets(tx, new, _teams(tx, new))
            tx.bulk(insert(Ticket), tickets)
            tx.bulk(
                insert(TicketEvent),
                [row for one, ticket in zip(new, tickets, strict=True) for row in _events(one, ticket)],
            )
            steps.renew(tx, [ticket["id"] for ticket in tickets])
        tx.note(made=len(new), known=len(incidents) - len(new))
    return Outcome(len(new), len(incidents) - len(new))


def _new(tx: Transaction, incidents: Sequence[Incident]) -> list[Incident]:
    named = [one.number for one in incidents]
    known = set(tx.session.scalars(select(Ticket.external_id).where(Ticket.external_id.in_(named))))
    return [one for one in incidents if one.number not in known]


def _teams(tx: Transaction, incidents: Sequence[Incident]) -> dict[str, UUID]:
    """The team of each group, by its name whatever its case."""
    names = {one.group for one in incidents if one.group}
    lowered = func.lower(SupportTeam.name)
    found = select(lowered.label("name"), SupportTeam.id).where(lowered.in_([name.lower() for name in names]))
    known = {row.name: row.id for row in tx.session.execute(found)}
    made = {name.lower(): SupportTeam(id=uuid7(), name=name) for name in sorted(names) if name.lower() not in known}
    tx.add_all(made.values())
    tx.session.flush()
    known |= {name: team.id for name, team in made.items()}
    return {name: known[name.lower()] for name in names}


def _tickets(tx: Transaction, incidents: Sequence[Incident], teams: Mapping[str, UUID]) -> list[dict[str, Any]]:
    first = numbers.take(tx, len(incidents))
    return [_ticket(one, first + place, teams) for place, one in enumerate(incidents)]


def _ticket(one: Incident, number: int, teams: Mapping[str, UUID]) -> dict[str, Any]:
    return {
        "id": uuid7(), "number": number, "external_id": one.number, "requester_name": one.requester, "subject": one.subject,
        "description": one.description, "status": one.status, "priority": one.priority, "category": category(one.category),
        "channel": "import", "tags": [], "assignee_label": one.assignee, "team_id": teams.get(one.group or ""),
        "resolved_at": one.resolved_at, "closed_at": one.closed_at, "reopen_count": one.reopen_count, "sla_state": "none",
        "created_at": one.opened_at, "updated_at": one.updated_at, "version": 1,
    }  # fmt: skip


def category(name: str | None) -> str | None:
    """As the portal keeps categories: in lower case."""
    return name.lower()[:MAX_CATEGORY] if name else None


def _events(one: Incident, ticket: Mapping[str, Any]) -> list[dict[str, Any]]:
    # Ids in ascending order, because events of the same minute are read by them.
    ids = sorted(uuid7() for _ in one.steps)
    return [_event(step, ticket, key) for step, key in zip(one.steps, ids, strict=True)]


def _event(step: Step, ticket: Mapping[str, Any], key: UUID) -> dict[str, Any]:
    named = {"before_name": step.before, "after_name": step.after} if step.kind in ("team", "assignee") else {}
    return {
        "id": key, "ticket_id": ticket["id"], "at": step.at, "kind": step.kind, "before": step.before, "after": step.after,
        "actor_name": step.by, "detail": {"source": SOURCE} | step.detail | named,
    }  # fmt: skip

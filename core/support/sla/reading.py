"""The parts of tickets and their logs that clocks are computed from, for many tickets at once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.support.sla.course import Event
from core.support.sla.models import SlaTerms
from core.support.tickets.models import Ticket, TicketEvent

KINDS = ("status", "priority", "reply", "customer")


class Story(NamedTuple):
    """A ticket and its course so far; the first event is its creation."""

    id: UUID
    tenant_id: UUID | None
    created_at: datetime
    priority: str
    category: str | None
    channel: str
    tags: list[str]
    terms_id: UUID | None
    events: list[Event]


_TICKETS = select(
    Ticket.id, Ticket.tenant_id, Ticket.created_at, Ticket.priority, Ticket.category, Ticket.channel, Ticket.tags,
    Ticket.terms_id,
)  # fmt: skip
_EVENTS = (
    select(TicketEvent.ticket_id, TicketEvent.kind, TicketEvent.at, TicketEvent.before, TicketEvent.after)
    .where(TicketEvent.kind.in_(KINDS)).order_by(TicketEvent.ticket_id, TicketEvent.at, TicketEvent.id)
)  # fmt: skip


def stories(session: Session, ticket_ids: Sequence[UUID]) -> list[Story]:
    """In the order of ids, those that exist and are in sight. Two statements."""
    logs: dict[UUID, list[Event]] = {}
    for ticket_id, kind, at, before, after in session.execute(_EVENTS.where(TicketEvent.ticket_id.in_(ticket_ids))):
        logs.setdefault(ticket_id, []).append(Event(kind, at, before, after))
    rows = session.execute(_TICKETS.where(Ticket.id.in_(ticket_ids)).order_by(Ticket.id))
    return [_story(row, logs.get(row.id, [])) for row in rows]


def _story(row: Any, events: list[Event]) -> Story:
    changed = next((event for event in events if event.kind == "priority"), None)
    priority = (changed and changed.before) or row.priority
    return Story(**row._mapping, events=[Event("created", row.created_at, None, priority), *events])


def contents(session: Session, terms_ids: Iterable[UUID | None]) -> dict[UUID | None, dict[str, Any]]:
    """What these terms say."""
    wanted = [one for one in terms_ids if one]
    rows = session.execute(select(SlaTerms.id, SlaTerms.content).where(SlaTerms.id.in_(wanted))) if wanted else ()
    return {row.id: row.content for row in rows}

"""Private steps of a ticket's actions: its terms, and its clocks from its event log."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from core.kernel.models import uuid7
from core.kernel.times import utc_now
from core.kernel.writes import Transaction
from core.support.sla import choosing, clocks, course, reading, terms
from core.support.sla.course import Course
from core.support.sla.reading import Story
from core.support.tickets.models import Ticket

BATCH = 2_000


def begin(tx: Transaction, ticket: Ticket) -> None:
    """Chooses the policy whose conditions the ticket meets, keeps its terms, stores the ticket, and writes its clocks.

    A ticket that is not stored yet needs no right to change tickets; call it before anything that refers to the ticket.
    """
    if inspect(ticket).persistent:
        renew(tx, [ticket.id])
        return
    now = tx.now
    ticket.id, ticket.created_at = ticket.id or uuid7(), ticket.created_at or now
    ticket.priority, ticket.status = ticket.priority or "medium", ticket.status or "open"
    with tx.session.no_autoflush:
        chosen = choosing.chosen(tx.session, [ticket])[ticket.id]
        found = _first_courses(ticket, chosen)
        if chosen is not None:
            ticket.terms_id = terms.kept(tx.session, [chosen])[chosen.policy_id]
    ticket.due_at, ticket.sla_state = course.due_at(found), course.sla_state(found, now)
    tx.session.flush()
    clocks.store(tx.session, [(ticket, found)], now)


def renew(tx: Transaction, ticket_ids: Iterable[UUID]) -> None:
    """Recomputes the clocks of these tickets from their logs, and what tickets keep of them; takes terms for those without.

    Tickets that are not in the actor's sight stay as they are. The number of statements grows with the batches alone.
    """
    tx.session.flush()
    wanted = sorted(set(ticket_ids))
    for start in range(0, len(wanted), BATCH):
        _renew(tx.session, wanted[start : start + BATCH])


def reapply(tx: Transaction, ticket: Ticket) -> None:
    """Takes the terms of today's policy for the ticket as it is now, and recomputes."""
    tx.session.flush()
    chosen = choosing.chosen(tx.session, [ticket])[ticket.id]
    ticket.terms_id = terms.kept(tx.session, [chosen])[chosen.policy_id] if chosen else None
    renew(tx, [ticket.id])


def reapply_many(tx: Transaction, ticket_ids: Sequence[UUID]) -> None:
    """As `reapply`, for many: set-based."""
    tx.session.flush()
    for start in range(0, len(ticket_ids), BATCH):
        _renew(tx.session, sorted(ticket_ids[start : start + BATCH]), afresh=True)


def _first_courses(ticket: Ticket, chosen: terms.Terms | None) -> dict[str, Course]:
    if chosen is None:
        return {}
    created = course.Event("created", ticket.created_at, None, ticket.priority)
    status = course.Event("status", ticket.created_at, "open", ticket.status)
    return course.courses(chosen.content, [created] if ticket.status == "open" else [created, status])


def _renew(session: Session, ticket_ids: Sequence[UUID], *, afresh: bool = False) -> None:
    now = utc_now()
    stories = reading.stories(session, ticket_ids)
    taken = _take_terms(session, [one for one in stories if afresh or one.terms_id is None])
    contents = reading.contents(session, {taken.get(one.id, one.terms_id) for one in stories})
    found = [(one, _courses(one, contents.get(taken.get(one.id, one.terms_id)))) for one in stories]
    clocks.store(session, found, now)
    clocks.forget_others(session, found)
    values = [(one.id, course.due_at(those), course.sla_state(those, now), taken.get(one.id, one.terms_id))
              for one, those in found]  # fmt: skip
    clocks.keep(session, values)
    for ticket_id, due_at, sla_state, terms_id in values:
        loaded = session.identity_map.get(session.identity_key(Ticket, ticket_id))
        for name, value in {"due_at": due_at, "sla_state": sla_state, "terms_id": terms_id}.items() if loaded else ():
            set_committed_value(loaded, name, value)


def _courses(story: Story, content: Mapping[str, Any] | None) -> dict[str, Course]:
    return course.courses(content, story.events) if content else {}


def _take_terms(session: Session, stories: Sequence[Story]) -> dict[UUID, UUID | None]:
    if not stories:
        return {}
    chosen = choosing.chosen(session, stories)
    kept = terms.kept(session, list({one.policy_id: one for one in chosen.values() if one}.values()))
    return {ticket_id: kept[one.policy_id] if one else None for ticket_id, one in chosen.items()}

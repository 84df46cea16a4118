"""Private steps: tickets that belong together."""

from uuid import UUID

from sqlalchemy import select

from core.kernel.writes import Transaction
from core.support.tickets import log, numbers
from core.support.tickets.models import Ticket, TicketLink

_LONGEST = 20  # merges of merges that are followed


def end_of(tx: Transaction, ticket_id: UUID) -> UUID:
    """The ticket in which a merged one goes on; itself when it was not merged."""
    for _ in range(_LONGEST):
        further = tx.session.scalar(select(Ticket.merged_into_id).where(Ticket.id == ticket_id))
        if further is None:
            break
        ticket_id = further
    return ticket_id


def point(tx: Transaction, ticket: Ticket, kind: str, target: str, *, shown: str | None = None) -> bool:
    """Links the ticket to something; returns whether it was not linked yet. `shown` is what the time line calls it."""
    known = select(TicketLink.id).where(
        TicketLink.ticket_id == ticket.id, TicketLink.kind == kind, TicketLink.target == target
    )
    if tx.session.scalar(known) is not None:
        return False
    tx.add(TicketLink(
        ticket_id=ticket.id, tenant_id=ticket.tenant_id, kind=kind, target=target, created_by_name=tx.actor.name,
        created_at=tx.now,
    ))  # fmt: skip
    log.add(tx, ticket, "linked", after=shown or target, link=kind, target=target)
    return True


def join(tx: Transaction, one: Ticket, other: Ticket) -> bool:
    """Links two tickets with one another; returns whether they were not yet."""
    there = point(tx, one, "ticket", str(other.id), shown=numbers.number_of(other))
    back = point(tx, other, "ticket", str(one.id), shown=numbers.number_of(one))
    return there or back


def remove(tx: Transaction, known: TicketLink) -> None:
    """Takes one link away, and says so in its ticket."""
    log.add(tx, tx.get(Ticket, known.ticket_id), "unlinked", before=known.target, link=known.kind, target=known.target)
    tx.delete(known)

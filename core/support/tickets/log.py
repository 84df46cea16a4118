"""The event log of a ticket: what the time line shows and the clocks are computed from."""

from datetime import datetime, timedelta

from core.kernel.writes import Transaction
from core.support.tickets.models import Ticket, TicketEvent


def add(
    tx: Transaction, ticket: Ticket, kind: str, *, before: str | None = None, after: str | None = None,
    at: datetime | None = None, **detail: object,
) -> TicketEvent:  # fmt: skip
    """Appends what the actor did to the ticket; now, unless it was at another time."""
    return tx.add(TicketEvent(
        ticket_id=ticket.id, tenant_id=ticket.tenant_id, at=at or _next(tx, ticket), kind=kind, before=before, after=after,
        actor_id=tx.actor.operator_id, actor_name=tx.actor.name, detail=detail,
    ))  # fmt: skip


def _next(tx: Transaction, ticket: Ticket) -> datetime:
    """Now; a microsecond later than the ticket's event before in this transaction, so that their order is kept."""
    counted: dict[object, int] = tx.session.info.setdefault("ticket_events", {})
    place = counted[ticket.id] = counted.get(ticket.id, -1) + 1
    return tx.now + timedelta(microseconds=place)

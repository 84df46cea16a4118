"""What operators have begun to write: kept as they type, and nobody else's to see."""

from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.telemetry import Recording, record
from core.kernel.times import utc_now
from core.support.tickets import rules
from core.support.tickets.models import Ticket, TicketDraft


def save(actor: Actor, ticket_id: UUID, *, body: str, is_internal: bool = False) -> None:
    """Keeps what the operator has written so far; with nothing written there is no draft. Nothing for a ticket that is not
    in sight. Raises Denied, and Invalid for what could not be sent."""
    require(actor, "tickets:read")
    if actor.operator_id is None:
        return
    with record(actor) as recording:
        if not body.strip():
            _remove(recording, actor, ticket_id)
            return
        values = {"body": rules.clean_body(body), "is_internal": is_internal, "saved_at": utc_now()}
        if recording.execute(select(Ticket.id).where(Ticket.id == ticket_id)).first():
            draft = insert(TicketDraft).values(operator_id=actor.operator_id, ticket_id=ticket_id, **values)
            recording.execute(draft.on_conflict_do_update(index_elements=["operator_id", "ticket_id"], set_=values))


def discard(actor: Actor, ticket_id: UUID) -> None:
    """Forgets the actor's draft. Raises Denied."""
    require(actor, "tickets:read")
    with record(actor) as recording:
        _remove(recording, actor, ticket_id)


def _remove(recording: Recording, actor: Actor, ticket_id: UUID) -> None:
    own = (TicketDraft.operator_id == actor.operator_id, TicketDraft.ticket_id == ticket_id)
    recording.execute(delete(TicketDraft).where(*own))


def of(actor: Actor, ticket_id: UUID) -> dict[str, Any] | None:
    """The actor's own draft: body, is_internal, saved_at (UTC); None for none. Raises Denied."""
    require(actor, "tickets:read")
    own = (TicketDraft.operator_id == actor.operator_id, TicketDraft.ticket_id == ticket_id)
    with read(actor) as rx:
        row = rx.one(select(TicketDraft.body, TicketDraft.is_internal, TicketDraft.saved_at).where(*own))
    return row._asdict() if row else None

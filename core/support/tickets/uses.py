"""Private steps: the files that a message brings, and who watches a ticket from then on."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, select

from core.kernel.errors import Invalid
from core.kernel.writes import Transaction
from core.support.tickets import log
from core.support.tickets.models import Ticket, TicketAttachment, TicketDraft, TicketMessage, TicketWatcher

MOST = 20


def attach(tx: Transaction, ticket: Ticket, message: TicketMessage | None, ids: Sequence[UUID]) -> None:
    """Gives stored files to a message, or to the ticket itself. Raises Invalid for one that is not the actor's to give."""
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST:
        raise Invalid(f"A message carries at most {MOST} files. Send some of them with another one.")
    if not wanted:
        return
    rows = tx.lock_many(TicketAttachment, wanted)
    own = tx.actor.may("*")
    if len(rows) < len(wanted) or any(row.ticket_id or not (own or row.added_by == tx.actor.id) for row in rows):
        raise Invalid("A file is gone or was sent already. Attach it again.", {"attachments": "Attach the file again."})
    for row in rows:
        row.ticket_id, row.tenant_id = ticket.id, ticket.tenant_id
        row.message_id = message.id if message else None
        log.add(tx, ticket, "attached", after=row.name, attachment_id=str(row.id))


def watch(tx: Transaction, ticket: Ticket, operator_ids: Collection[UUID], *, why: str) -> None:
    """Makes operators watch the ticket who do not yet."""
    here = select(TicketWatcher.operator_id).where(TicketWatcher.ticket_id == ticket.id)
    known = set(tx.session.scalars(here)) if operator_ids else set()
    for operator_id in sorted(set(operator_ids) - known):
        tx.add(TicketWatcher(ticket_id=ticket.id, tenant_id=ticket.tenant_id, operator_id=operator_id, why=why))
        log.add(tx, ticket, "watched", after=str(operator_id), why=why)


def forget_draft(tx: Transaction, ticket: Ticket) -> None:
    """What was sent is no draft any more."""
    if tx.actor.operator_id is not None:
        own = (TicketDraft.operator_id == tx.actor.operator_id, TicketDraft.ticket_id == ticket.id)
        tx.session.execute(delete(TicketDraft).where(*own), execution_options={"synchronize_session": False})

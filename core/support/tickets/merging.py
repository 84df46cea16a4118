"""Several tickets that say the same become one: the others are closed, and their conversations are read in it."""

from collections.abc import Iterable
from uuid import UUID

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.many import Outcome
from core.kernel.writes import Transaction, write
from core.support.tickets import bulk, changes, linking, log, numbers, rules
from core.support.tickets.models import Ticket


def merge(actor: Actor, ticket_ids: Iterable[UUID], *, into_id: UUID) -> list[Outcome]:
    """Closes tickets in favour of another of the same tenant, each on its own. What was written to them stays theirs and
    is shown with the other's. Raises Invalid for a ticket that is closed or was merged itself, Denied, NotFound."""
    others = [one for one in dict.fromkeys(ticket_ids) if one != into_id]
    if not others:
        raise Invalid("Choose at least one other ticket to merge into this one.")
    with write(actor, "tickets.merge") as tx:
        rows = {row.id: row for row in tx.lock_many(Ticket, [*others, into_id])}
        into = rows.get(into_id) or tx.lock(Ticket, into_id)
        rules.require_unmerged(into.merged_into_id)
        rules.require_open(into.status)
        tx.note(into_id=into.id, number=numbers.number_of(into))
        return bulk.change_each(tx, others, lambda inner, ticket: _merge(inner, ticket, into))


def _merge(tx: Transaction, ticket: Ticket, into: Ticket) -> None:
    rules.require_unmerged(ticket.merged_into_id)
    if ticket.tenant_id != into.tenant_id:
        raise Invalid(
            "This ticket is of another customer, who must not see this conversation. Link the tickets instead."
        )
    ticket.merged_into_id = into.id
    if ticket.status != "closed":
        changes.force_status(tx, ticket, "closed", merged_into=str(into.id))
    log.add(tx, ticket, "merged", after=numbers.number_of(into), into=str(into.id))
    log.add(tx, into, "merged", after=numbers.number_of(ticket), merged=str(ticket.id))
    linking.join(tx, ticket, into)

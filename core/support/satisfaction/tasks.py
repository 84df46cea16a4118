"""What follows from a resolved ticket and from a low answer; the question of the quarter."""

from contextlib import suppress

from sqlalchemy import and_, select

from core.kernel.actor import Actor
from core.kernel.errors import AlreadyDone
from core.kernel.events import Event, subscriber
from core.kernel.logs import get_logger
from core.kernel.reads import as_id, read
from core.kernel.settings import settings
from core.kernel.tasks import every
from core.kernel.times import utc_now
from core.support.satisfaction import actions, rules
from core.support.tickets.models import Ticket, TicketMessage

log = get_logger()


@subscriber("tickets.resolve", name="satisfaction.ask")
def ask(actor: Actor, event: Event) -> None:
    """Asks the requester, once per event."""
    ticket_id = as_id(str(event.payload.get("ticket_id")))
    if ticket_id is None or not _is_of(actor, ticket_id, event):
        return
    message_id = as_id(str(event.payload.get("message_id")))
    actions.ask(actor, ticket_id, message_id=message_id, once=f"satisfaction.ask:{event.id}")


@subscriber("tickets.set_status_many", name="satisfaction.ask_many")
def ask_many(actor: Actor, event: Event) -> None:
    """Asks the requesters of tickets that were resolved together, each once per event."""
    touched = [key for one in event.payload.get("entity_ids", ()) if (key := as_id(str(one)))]
    said = and_(
        TicketMessage.ticket_id == Ticket.id, TicketMessage.id.in_(touched), TicketMessage.author_kind == "agent",
        TicketMessage.is_internal.is_(False),
    )  # fmt: skip
    wanted = (
        select(Ticket.id, TicketMessage.id.label("message_id"))
        .join(TicketMessage, said)
        .where(
            Ticket.id.in_(touched), Ticket.status == "resolved", Ticket.tenant_id.is_not_distinct_from(event.tenant_id)
        )
    )
    with read(actor) as rx:
        rows = rx.rows(wanted)
    for row in rows:
        with suppress(AlreadyDone):
            actions.ask(actor, row.id, message_id=row.message_id, once=f"satisfaction.ask:{event.id}:{row.id}")


def _is_of(actor: Actor, ticket_id: object, event: Event) -> bool:
    """An action that also changes what belongs to nobody leaves a second event; the ticket's own is the one that counts."""
    with read(actor) as rx:
        row = rx.one(select(Ticket.tenant_id).where(Ticket.id == ticket_id))
    return row is not None and row.tenant_id == event.tenant_id


@every("satisfaction.ask_nps", cron="20 9 * * *")
def ask_nps(actor: Actor) -> None:
    """Asks who was not asked in this quarter; without a mail server nobody could be."""
    if settings().smtp_url is None:
        return
    quarter = rules.quarter_of(utc_now().date())
    while actions.ask_nps(actor, quarter) == actions.AT_ONCE:
        pass

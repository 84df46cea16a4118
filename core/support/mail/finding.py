"""Which ticket a mail belongs to, and who wrote it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import column as named
from sqlalchemy import func, select

from core.access.operators.models import Operator
from core.kernel.actor import Actor
from core.kernel.reads import Reading, as_id, read
from core.support.mail import addresses
from core.support.mail.models import InboundMail, TicketMail
from core.support.mail.parsing import Mail
from core.support.tickets.models import Ticket, TicketMessage

FOUND = (Ticket.id, Ticket.number, Ticket.tenant_id, Ticket.requester_id, Ticket.requester_email)


@dataclass(frozen=True, slots=True)
class Person:
    """The account that an address belongs to. Of an address of several tenants, nobody can say whose it is."""

    id: UUID
    tenant_id: UUID
    name: str


def is_known(actor: Actor, mail: Mail) -> bool:
    """Whether this Message-ID came before."""
    with read(actor) as rx:
        return rx.value(select(InboundMail.id).where(InboundMail.mail_id == mail.mail_id)) is not None


def colleagues(actor: Actor, mail: Mail) -> frozenset[str]:
    """The sender's address, if it is an operator's in service."""
    with read(actor) as rx:
        found = rx.value(
            select(Operator.id).where(func.lower(Operator.email) == mail.sender, Operator.disabled_at.is_(None))
        )
    return frozenset({mail.sender}) if found else frozenset()


def ticket_of(actor: Actor, mail: Mail) -> Any:
    """The ticket (FOUND) that the mail answers: by the token in an address, then by References; None for a new matter."""
    number = addresses.number_in(mail.recipients)
    with read(actor) as rx:
        found = rx.one(select(*FOUND).where(Ticket.number == number)) if number is not None else None
        return found or _by_references(rx, mail.references)


def _by_references(rx: Reading, references: tuple[str, ...]) -> Any:
    """By the newest mail that both sides know: one of ours by its id, one of the customer's by what was kept of it."""
    if not references:
        return None
    ours = {key: one for one in references if (key := as_id(one.partition("@")[0]))}
    sent = rx.rows(select(TicketMail.id, TicketMail.ticket_id).where(TicketMail.id.in_(ours)))
    known = {ours[row.id]: row.ticket_id for row in sent if row.ticket_id}
    for model in (InboundMail, TicketMessage):
        came = select(model.mail_id, model.ticket_id).where(model.mail_id.in_(references), model.ticket_id.is_not(None))
        known |= {str(row.mail_id): row.ticket_id for row in rx.rows(came)}
    ticket_id = next((known[one] for one in references if one in known), None)
    return rx.one(select(*FOUND).where(Ticket.id == ticket_id)) if ticket_id else None


def person_of(actor: Actor, address: str) -> Person | None:
    """The account with the address, where there is exactly one."""
    people = func.qd_people_of_address(address).table_valued("id", "tenant_id", "name").render_derived()
    with read(actor) as rx:
        rows = rx.rows(select(named("id"), named("tenant_id"), named("name")).select_from(people))
    return Person(*rows[0]) if len(rows) == 1 else None

"""Prepared answers: a text with placeholders, and what else they set."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select

from core.customers.tenants.tagging import clean_tags
from core.customers.users import masking
from core.kernel.actor import Actor
from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid, NotFound
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.writes import Transaction, write
from core.support.sla import steps
from core.support.tickets import changes, numbers, placeholders, queries, rules, uses
from core.support.tickets.models import PRIORITIES, Ticket, TicketMacro, TicketMessage

PLACEHOLDERS = placeholders.KNOWN
STATUSES = ("in_progress", "waiting", "resolved")
MAX_NAME = 80
MOST = 500
NAMELESS = "customer"  # for who may not see names, and must not send a masked one


class Filled(NamedTuple):
    """A prepared answer for one ticket, to be looked at before it is sent."""

    body: str
    is_internal: bool
    status: str | None
    priority: str | None
    tags: list[str]


def _clean_name(value: Any) -> str:
    name = " ".join(rules.storable(value or "").split())
    if not name or len(name) > MAX_NAME:
        raise Invalid(f"Give the macro a name of 1 to {MAX_NAME} characters.")
    return name


def _clean_body(value: Any) -> str:
    body = rules.clean_body(value, name="answer")
    placeholders.require_known(body)
    return body


_CLEAN: dict[str, Callable[[Any], Any]] = {
    "name": _clean_name, "body": _clean_body, "is_internal": bool,
    "status": lambda value: rules.one_of("status", value, STATUSES) if value else None,
    "priority": lambda value: rules.one_of("priority", value, PRIORITIES) if value else None,
    "tags": lambda value: clean_tags(value or ()),
}  # fmt: skip


def create(
    actor: Actor, *, name: str, body: str, is_internal: bool = False, status: str | None = None,
    priority: str | None = None, tags: tuple[str, ...] = (),
) -> TicketMacro:  # fmt: skip
    """Makes a prepared answer. Raises one Invalid naming every bad field, an unknown placeholder among them."""
    with write(actor, "ticket_macros.create") as tx:
        given = {
            "name": name,
            "body": body,
            "is_internal": is_internal,
            "status": status,
            "priority": priority,
            "tags": tags,
        }
        return tx.add(TicketMacro(**_settled(tx, None, given)))


def update(actor: Actor, macro_id: UUID, *, version: int, **values: Any) -> TicketMacro:
    """Changes a prepared answer. Raises Invalid, NotFound, Conflict."""
    with write(actor, "ticket_macros.update") as tx:
        macro = tx.lock(TicketMacro, macro_id, version=version)
        for field, value in _settled(tx, macro, values).items():
            setattr(macro, field, value)
    return macro


def archive(actor: Actor, macro_id: UUID, *, version: int | None = None) -> TicketMacro:
    """Takes a prepared answer out of use. Raises NotFound, Conflict."""
    with write(actor, "ticket_macros.archive") as tx:
        macro = tx.lock(TicketMacro, macro_id, version=version)
        macro.archived_at = macro.archived_at or tx.now
    return macro


def _settled(tx: Transaction, macro: TicketMacro | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Clean values that go with what the macro is already. Raises Invalid."""
    made = cleaned(values, _CLEAN)
    is_internal = made.get("is_internal", macro.is_internal if macro else False)
    if is_internal and made.get("status", macro.status if macro else None) == "resolved":
        sentence = "A note to colleagues cannot resolve a ticket, because the customer is told how it was resolved."
        raise Invalid(sentence, {"status": sentence})
    name = made.get("name")
    taken = select(TicketMacro.id).where(func.lower(TicketMacro.name) == (name or "").lower())
    if name and tx.session.scalar(taken) not in (None, macro.id if macro else None):
        sentence = f"There is, or was, a macro called {name}. Choose another name."
        raise Invalid(sentence, {"name": sentence})
    return made


def apply(
    actor: Actor, ticket_id: UUID, *, macro_id: UUID, body: str | None = None, version: int | None = None
) -> TicketMessage:
    """Sends a prepared answer, as it was filled in and edited, and sets what it sets, all at once.

    One that resolves is recorded as tickets.resolve, others as tickets.reply. Raises Invalid, NotFound, Conflict.
    """
    found = filled(actor, macro_id, ticket_id)
    text = rules.clean_body(found.body if body is None else body)
    with write(actor, "tickets.resolve" if found.status == "resolved" else "tickets.reply") as tx:
        ticket = tx.lock(Ticket, ticket_id, version=version)
        rules.require_open(ticket.status)
        message = changes.say(tx, ticket, text, is_internal=found.is_internal)
        tags = clean_tags([*ticket.tags, *found.tags])
        changes.set_values(tx, ticket, {"tags": tags} | ({"priority": found.priority} if found.priority else {}))
        if found.status:
            changes.set_status(tx, ticket, found.status)
        uses.forget_draft(tx, ticket)
        steps.renew(tx, [ticket.id])
        noted = {"ticket_id": ticket.id, "number": numbers.number_of(ticket), "message_id": message.id}
        tx.note(is_internal=found.is_internal, **noted)
    return message


def directory(actor: Actor) -> pd.DataFrame:
    """Prepared answers in use, by name: id, name, body, is_internal, status, priority, tags, version. Raises Denied."""
    require(actor, "tickets:read")
    found = (
        select(
            TicketMacro.id, TicketMacro.name, TicketMacro.body, TicketMacro.is_internal, TicketMacro.status,
            TicketMacro.priority, TicketMacro.tags, TicketMacro.version,
        )
        .where(TicketMacro.archived_at.is_(None))
        .order_by(func.lower(TicketMacro.name))
        .limit(MOST)
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(found)


def filled(actor: Actor, macro_id: UUID, ticket_id: UUID) -> Filled:
    """A prepared answer with this ticket's values in place. Raises Denied, and NotFound for either."""
    ticket = queries.one(actor, ticket_id)
    wanted = select(*TicketMacro.__table__.columns).where(TicketMacro.id == macro_id, TicketMacro.archived_at.is_(None))
    with read(actor) as rx:
        macro = rx.one(wanted)
    if macro is None:
        raise NotFound("This macro does not exist any more. Choose another.")
    body = placeholders.fill(macro.body, _values(actor, ticket))
    return Filled(body, macro.is_internal, macro.status, macro.priority, list(macro.tags))


def _values(actor: Actor, ticket: Mapping[str, Any]) -> dict[str, str]:
    name = ticket["requester_name"] if masking.sees(actor) else NAMELESS
    return {
        "requester.name": name, "requester.first_name": (name.split() or [NAMELESS])[0],
        "ticket.number": ticket["reference"], "ticket.subject": ticket["subject"],
        "ticket.status": rules.TITLES[ticket["status"]], "ticket.priority": ticket["priority"],
        "ticket.category": ticket["category"] or "", "tenant.name": ticket["tenant"] or "", "agent.name": actor.name,
    }  # fmt: skip

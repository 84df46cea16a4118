"""Private steps of opening a ticket: whose it is, its number, its first event."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.customers.tenants.queries import require_bindable
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.models import uuid7
from core.kernel.reads import read
from core.kernel.writes import Transaction
from core.support.sla import steps
from core.support.teams.queries import require_team
from core.support.tickets import log, numbers, rules
from core.support.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks: a person of a tenant by id, or somebody by name and address."""

    tenant_id: UUID | None = None
    user_id: UUID | None = None
    name: str | None = None
    email: str | None = None


def cleaned(actor: Actor, values: Mapping[str, Any], who: Requester) -> dict[str, Any]:
    """All of a new ticket as it is stored. Raises Invalid naming every bad field, NotFound."""
    known = _known(who)
    named = {"requester_name": known.name or known.email, "requester_email": known.email}
    ready = rules.clean({**values, **named})
    ready |= {"tenant_id": _tenant(actor, known.tenant_id), "requester_id": known.user_id}
    require_team(ready.get("team_id"))
    return ready


def _known(who: Requester) -> Requester:
    """The requester with tenant, name and address of the account, read as the portal: who opens a ticket may not read
    accounts. What was given counts before it. Raises NotFound."""
    if who.user_id is None:
        return who
    account = select(TenantUser.tenant_id, TenantUser.name, TenantUser.email).where(TenantUser.id == who.user_id)
    with read(Actor.system("tickets")) as rx:
        found = rx.one(account)
    if found is None or who.tenant_id not in (None, found.tenant_id):
        raise NotFound("This person does not exist, or is not one of this tenant. Choose the requester again.")
    return Requester(found.tenant_id, who.user_id, who.name or found.name, who.email or found.email)


def _tenant(actor: Actor, tenant_id: UUID | None) -> UUID | None:
    """The tenant, in the actor's sight. Raises NotFound; Invalid for none, for who does not see all of them."""
    wanted = tenant_id or actor.tenant_id
    if wanted is not None:
        require_bindable(actor, wanted)
    elif actor.scope != "all":
        sentence = "Choose the tenant that the ticket is for."
        raise Invalid(sentence, {"tenant_id": sentence})
    return wanted


def add(tx: Transaction, values: Mapping[str, Any], **more: Any) -> Ticket:
    """The ticket with the next number, its clocks and its event `created`, stored: it takes the right to create alone."""
    status = "in_progress" if more.get("assignee_id") else "open"
    number = numbers.take(tx)
    ticket = tx.add(Ticket(
        id=uuid7(), number=number, status=status, created_at=tx.now, updated_at=tx.now, last_customer_at=tx.now,
        **values, **more,
    ))  # fmt: skip
    steps.begin(tx, ticket)
    log.add(
        tx, ticket, "created", after="open", priority=ticket.priority, channel=ticket.channel, category=ticket.category
    )
    return ticket


def log_assignee(tx: Transaction, ticket: Ticket) -> None:
    """The events of a ticket that was somebody's from the start."""
    if ticket.assignee_id is None:
        return
    log.add(tx, ticket, "assignee", after=str(ticket.assignee_id))
    log.add(tx, ticket, "status", before="open", after="in_progress")


def follow_up(tx: Transaction, closed: Ticket) -> Ticket:
    """A new ticket for somebody who wrote to a closed one: of the same people and kind."""
    kept = ("tenant_id", "requester_id", "requester_name", "requester_email", "priority", "category", "channel", "tags",
            "team_id", "subject")  # fmt: skip
    values = {name: getattr(closed, name) for name in kept}
    return add(tx, values | {"description": f"Follow-up of {numbers.number_of(closed)}, which is closed."})

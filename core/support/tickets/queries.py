"""Reads of tickets. Names and addresses of those who ask are masked for who may not see them, in every one of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, and_, func, or_, select

from core.customers.tenants.models import Tenant
from core.customers.users import masking
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, read
from core.support.teams import people
from core.support.teams.models import SupportTeam
from core.support.tickets import numbers, searching
from core.support.tickets.conversation import body, events, files, mark_seen, messages, viewers
from core.support.tickets.models import Ticket, TicketView

__all__ = [
    "COLUMNS", "SORTS", "WHOLE", "Filters", "body", "by_number", "count_up_to", "directory", "events", "files", "listing",
    "mark_seen", "messages", "narrowed", "neighbours", "number_of", "one", "viewers",
]  # fmt: skip
number_of = numbers.number_of
# Looked up for the rows of the page alone: a join would be made for every row that is sorted. A tenant that is not in sight
# leaves the ticket without its name.
_TENANT = select(Tenant.name).where(Tenant.id == Ticket.tenant_id).correlate(Ticket).scalar_subquery()
_TEAM = select(SupportTeam.name).where(SupportTeam.id == Ticket.team_id).correlate(Ticket).scalar_subquery()
COLUMNS = (
    Ticket.id, Ticket.number, Ticket.subject, Ticket.status, Ticket.priority, Ticket.category, Ticket.tags,
    Ticket.channel, Ticket.tenant_id, _TENANT.label("tenant"), Ticket.requester_id, Ticket.requester_name,
    Ticket.assignee_id, Ticket.assignee_label, Ticket.team_id, _TEAM.label("team"), Ticket.sla_state,
    Ticket.due_at, Ticket.created_at, Ticket.updated_at, Ticket.first_response_at, Ticket.resolved_at,
    Ticket.last_customer_at, Ticket.last_agent_at, Ticket.merged_into_id, Ticket.version,
)  # fmt: skip
WHOLE = (
    *COLUMNS, Ticket.description, Ticket.requester_email, Ticket.correlation_id, Ticket.external_id, Ticket.terms_id,
    Ticket.closed_at, Ticket.reopen_count,
)  # fmt: skip
# By name of the order: its column, and whether the largest come first; tickets without the time come last.
SORTS: dict[str, tuple[Any, bool]] = {
    "due first": (Ticket.due_at, False), "newest": (Ticket.created_at, True), "oldest": (Ticket.created_at, False),
    "changed last": (Ticket.updated_at, True),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds words of subject, description, messages and requester, or a number. Nothing does not filter.

    `assignee_ids` and `unassigned` together mean either; `tags` mean one of them; `unread` what the customer wrote since
    the actor last looked.
    """

    text: str = ""
    statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    assignee_ids: tuple[UUID, ...] = ()
    unassigned: bool = False
    team_ids: tuple[UUID, ...] = ()
    tenant_id: UUID | None = None
    sla_states: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    unread: bool = False
    channels: tuple[str, ...] = ()
    requester_id: UUID | None = None


def _unread(actor: Actor) -> ColumnElement[bool]:
    """What the customer wrote after the actor last had the ticket open."""
    seen = select(TicketView.seen_at).where(
        TicketView.operator_id == actor.operator_id, TicketView.ticket_id == Ticket.id
    )
    return func.coalesce(Ticket.last_customer_at > seen.correlate(Ticket).scalar_subquery(), True)


def _given(filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions on columns whose values are chosen."""
    chosen = (
        (Ticket.status, filters.statuses), (Ticket.priority, filters.priorities), (Ticket.category, filters.categories),
        (Ticket.team_id, filters.team_ids), (Ticket.sla_state, filters.sla_states), (Ticket.channel, filters.channels),
    )  # fmt: skip
    conditions: list[ColumnElement[bool]] = [column.in_(values) for column, values in chosen if values]
    single = ((Ticket.tenant_id, filters.tenant_id), (Ticket.requester_id, filters.requester_id))
    conditions += [column == value for column, value in single if value is not None]
    owners: list[ColumnElement[bool]] = [Ticket.assignee_id.in_(filters.assignee_ids)] if filters.assignee_ids else []
    owners += [and_(Ticket.assignee_id.is_(None), Ticket.assignee_label.is_(None))] if filters.unassigned else []
    return [*conditions, or_(*owners)] if owners else conditions


def narrowed(actor: Actor, statement: AnySelect, filters: Filters) -> AnySelect:
    """The statement over Ticket with the filters' conditions."""
    statement = statement.where(*_given(filters))
    if filters.text.strip():
        statement = statement.where(searching.matches(filters.text))
    if filters.tags:
        statement = statement.where(searching.tagged(filters.tags))
    return statement.where(_unread(actor)) if filters.unread else statement


def directory(
    actor: Actor, filters: Filters, *, sort: str = "newest", after: str | None = None, limit: int = 50
) -> Page:
    """One row per ticket in sight, in the order `sort` of SORTS: COLUMNS, is_unread, reference (the number as it is
    shown) and assignee (the operator's name). Times in UTC. Raises Denied, Invalid for a damaged page link."""
    require(actor, "tickets:read")
    key, descending = SORTS[sort]
    found = narrowed(actor, select(*COLUMNS, _unread(actor).label("is_unread")), filters)
    with read(actor) as rx:
        page = rx.page(
            found, keys=[key, Ticket.id], after=after, limit=limit, descending=descending,
            nulls_last=key is Ticket.due_at,
        )  # fmt: skip
    return Page(_told(actor, page.frame), page.next)


def _told(actor: Actor, frame: pd.DataFrame) -> pd.DataFrame:
    names = people.names(UUID(one) for one in frame["assignee_id"].dropna())
    known = {str(key): name for key, name in names.items()}
    owners = [known.get(one) if isinstance(one, str) else None for one in frame["assignee_id"]]
    references = [numbers.shown(one) for one in frame["number"]]
    told = {"assignee": pd.array(owners, dtype="string"), "reference": pd.array(references, dtype="string")}
    if not masking.sees(actor):
        told["requester_name"] = pd.array([
            masking.name_masked(name, key if isinstance(key, str) else ticket)
            for name, key, ticket in zip(frame["requester_name"], frame["requester_id"], frame["id"], strict=True)
        ], dtype="string")  # fmt: skip
    return frame.assign(**told)


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """The same for machines, newest first, as plain rows: COLUMNS and reference. Raises Denied."""
    require(actor, "tickets:read")
    with read(actor) as rx:
        page = rx.listing(
            narrowed(actor, select(*COLUMNS), filters), keys=[Ticket.created_at, Ticket.id], after=after, limit=limit
        )
    return Listing([masked_row(actor, row) for row in page.rows], page.next)


def masked_row(actor: Actor, row: dict[str, Any]) -> dict[str, Any]:
    """The row with its reference, and its requester as the actor may see him."""
    told = row | {"reference": numbers.shown(row["number"])}
    if masking.sees(actor):
        return told
    key = row["requester_id"] or row["id"]
    told["requester_name"] = masking.name_masked(row["requester_name"], key)
    if row.get("requester_email"):
        told["requester_email"] = masking.email_masked(row["requester_email"], key)
    return told


def count_up_to(actor: Actor, filters: Filters, *, limit: int = 1_000) -> int:
    """How many tickets there are, counted no further than `limit`. Raises Denied."""
    require(actor, "tickets:read")
    some = narrowed(actor, select(Ticket.id), filters).limit(limit).subquery()
    with read(actor) as rx:
        return int(rx.value(select(func.count()).select_from(some)))


def one(actor: Actor, ticket_id: UUID) -> dict[str, Any]:
    """One ticket: WHOLE, reference, assignee and is_unread. Raises Denied, and NotFound for one that is not in sight."""
    return _one(actor, Ticket.id == ticket_id)


def by_number(actor: Actor, number: int) -> dict[str, Any]:
    """As `one`, by number."""
    return _one(actor, Ticket.number == number)


def _one(actor: Actor, condition: ColumnElement[bool]) -> dict[str, Any]:
    require(actor, "tickets:read")
    with read(actor) as rx:
        found = rx.one(select(*WHOLE, _unread(actor).label("is_unread")).where(condition))
    if found is None:
        raise NotFound("This ticket does not exist, or is not among those you may see.")
    row = masked_row(actor, found._asdict())
    return row | {"assignee": people.names([row["assignee_id"]]).get(row["assignee_id"])}


def neighbours(
    actor: Actor, filters: Filters, ticket_id: UUID, *, sort: str = "newest"
) -> tuple[UUID | None, UUID | None]:
    """The tickets before and after one in the order of the queue. Raises Denied, NotFound."""
    row = one(actor, ticket_id)
    key, descending = SORTS[sort]
    mark = (row[key.key], ticket_id)
    found = narrowed(actor, select(Ticket.id, key), filters)
    with read(actor) as rx:
        return (
            rx.value(_beside(found, key, mark, is_down=not descending, is_next=False)),
            rx.value(_beside(found, key, mark, is_down=not descending, is_next=True)),
        )


def _beside(found: AnySelect, key: Any, mark: tuple[Any, UUID], *, is_down: bool, is_next: bool) -> AnySelect:
    """The nearest ticket on one side of the mark; `is_down` means the small ones come first. Times that are unknown come last."""
    value, ticket_id = mark
    grows = is_down is is_next
    further = Ticket.id > ticket_id if grows else Ticket.id < ticket_id
    if value is None:
        ways = [and_(key.is_(None), further)] + ([] if is_next else [key.is_not(None)])
    else:
        ways = [and_(key == value, further), key > value if grows else key < value]
        ways += [key.is_(None)] if is_next else []
    order = [key.asc(), Ticket.id.asc()] if grows else [key.desc(), Ticket.id.desc()]
    first = order[0].nulls_last() if is_next else order[0].nulls_first()
    return found.where(or_(*ways)).order_by(first, order[1]).limit(1)

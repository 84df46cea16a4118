"""Tickets for the product's front end: opened, listed, answered and rated there. A key of a tenant sees nothing of others,
and nothing that colleagues say among themselves."""

from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import CurrentActor, Cursor, Fields, Limit, Once, Search, area, collection, entity, records
from api.support.ticket_forms import (
    Channel,
    MessageOut,
    Priority,
    RatingIn,
    RatingOut,
    ReplyIn,
    SlaState,
    Status,
    TicketIn,
    TicketOut,
    TicketPage,
    TicketWhole,
)
from core.kernel.actor import Actor
from core.kernel.errors import Denied, Invalid, NotFound
from core.kernel.permissions import require
from core.support.satisfaction import actions as satisfaction
from core.support.tickets import actions, queries
from core.support.tickets.models import TicketMessage

router = area("/tickets", "tickets")
PATH = "/api/v1/tickets"
_FIELDS = tuple(TicketOut.model_fields)
_WHOLE = tuple(name for name in TicketWhole.model_fields if name != "messages")
_MESSAGE = tuple(name for name in MessageOut.model_fields)


def _row(row: dict[str, Any], names: tuple[str, ...] = _FIELDS) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _for_customer(actor: Actor) -> Actor:
    """The same machine, in the same sight, with what it takes to put a customer's words into a ticket. Raises Denied."""
    require(actor, "tickets:create")
    return replace(actor, grants=actor.grants | {"tickets:read", "tickets:update", "tenants:read"})


@router.get("", response_model=TicketPage)
def list_tickets(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    search: Annotated[Search, Query(description="Words of subject, description and messages, or a number.")] = "",
    status: Annotated[tuple[Status, ...], Query()] = (),
    priority: Annotated[tuple[Priority, ...], Query()] = (),
    category: Annotated[tuple[str, ...], Query()] = (),
    channel: Annotated[tuple[Channel, ...], Query()] = (),
    sla_state: Annotated[tuple[SlaState, ...], Query()] = (),
    tag: Annotated[tuple[str, ...], Query()] = (),
    assignee_id: Annotated[tuple[UUID, ...], Query()] = (),
    unassigned: bool = False,
    team_id: Annotated[tuple[UUID, ...], Query()] = (),
    tenant_id: UUID | None = None,
    requester_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The tickets of the tenants in your scope, newest first."""
    filters = queries.Filters(
        text=search, statuses=status, priorities=priority, categories=category, assignee_ids=assignee_id,
        unassigned=unassigned, team_ids=team_id, tenant_id=tenant_id, sla_states=sla_state, tags=tag, channels=channel,
        requester_id=requester_id,
    )  # fmt: skip
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, [_row(row) for row in page.rows], page.next, fields=fields)


@router.post("", status_code=201, response_model=TicketOut)
def create_ticket(request: Request, actor: CurrentActor, given: TicketIn, once: Once) -> Response:
    """Opens a ticket with the next number."""
    opener = _for_customer(actor) if actor.key_id else actor
    ticket = actions.create(opener, **given.model_dump(), channel="api", once=once)
    row = queries.one(replace(actor, grants=actor.grants | {"tickets:read"}), ticket.id)
    return entity(request, _row(row), status=201, location=f"{PATH}/{ticket.id}")


@router.get("/{ticket_id}", response_model=TicketWhole)
def get_ticket(
    request: Request, actor: CurrentActor, ticket_id: UUID,
    *, internal: Annotated[bool, Query(description="With internal notes; refused to the key of a tenant.")] = False,
) -> Response:  # fmt: skip
    """One ticket with what was said, and its version as ETag."""
    if internal and actor.scope == "tenant":
        raise Denied("Internal notes are for colleagues alone. Leave `internal` out.")
    row = queries.one(actor, ticket_id)
    messages = records(queries.messages(actor, ticket_id))
    shown = [_row(one, _MESSAGE) for one in messages if internal or not one["is_internal"]]
    return entity(request, _row(row, _WHOLE) | {"messages": shown})


@router.get("/{ticket_id}/messages/{message_id}", response_model=MessageOut)
def get_ticket_message(request: Request, actor: CurrentActor, ticket_id: UUID, message_id: UUID) -> Response:
    """One public message of the ticket's last 200, whole."""
    messages = records(queries.messages(actor, queries.one(actor, ticket_id)["id"]))
    found = next((one for one in messages if one["id"] == str(message_id) and not one["is_internal"]), None)
    if found is None:
        raise NotFound("This message does not exist, or is not among those you may see.")
    return entity(request, _row(found, _MESSAGE) | {"body": queries.body(actor, message_id)})


@router.post("/{ticket_id}/reply", status_code=201, response_model=MessageOut)
def reply_to_ticket(request: Request, actor: CurrentActor, ticket_id: UUID, given: ReplyIn, once: Once) -> Response:
    """Adds what the customer wrote (by a key), or what you answer (signed in). What is written to a closed ticket opens a new
    one: look at the answer's `ticket_id`."""
    message = _heard(actor, ticket_id, given, once) if actor.key_id else _said(actor, ticket_id, given, once)
    return entity(request, MessageOut.model_validate({**_told(message), "length": len(message.body)}), status=201)


def _told(message: TicketMessage) -> dict[str, Any]:
    return {name: getattr(message, name) for name in _MESSAGE if name != "length"}


def _heard(actor: Actor, ticket_id: UUID, given: ReplyIn, once: str | None) -> TicketMessage:
    if given.is_internal:
        raise Invalid(
            "A customer's message cannot be internal.", {"is_internal": "Leave it out: a key speaks for a customer."}
        )
    speaker = _for_customer(actor)
    ticket = queries.one(replace(speaker, grants=speaker.grants | {"users:pii"}), ticket_id)
    return actions.receive(
        speaker, ticket_id, body=given.body, author_name=given.author_name or ticket["requester_name"],
        author_id=given.author_id or (None if given.author_name else ticket["requester_id"]), once=once,
    )  # fmt: skip


def _said(actor: Actor, ticket_id: UUID, given: ReplyIn, once: str | None) -> TicketMessage:
    if given.author_id or given.author_name:
        sentence = "You answer in your own name. Leave author_id and author_name out."
        raise Invalid(sentence, {"author_name": sentence})
    return actions.reply(actor, ticket_id, body=given.body, is_internal=given.is_internal, once=once)


@router.post("/{ticket_id}/rating", status_code=201, response_model=RatingOut)
def rate_ticket(request: Request, actor: CurrentActor, ticket_id: UUID, given: RatingIn, once: Once) -> Response:
    """Takes the customer's rating of a resolved ticket, once for each time that it was resolved."""
    rater = _for_customer(actor)
    survey = satisfaction.rate(rater, ticket_id, score=given.score, comment=given.comment, once=once)
    return entity(request, RatingOut.model_validate(survey), status=201)

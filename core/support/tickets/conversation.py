"""What was said in a ticket, what happened to it, and who looks at it now."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from core.customers.users import masking
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.support.teams import people
from core.support.teams.models import SupportTeam
from core.support.tickets.models import Ticket, TicketAttachment, TicketEvent, TicketMessage, TicketView

SHOWN = 20_000  # characters of a message that are shown at once
MOST = 500
LOOKING = timedelta(seconds=60)


def messages(actor: Actor, ticket_id: UUID, *, limit: int = 200) -> pd.DataFrame:
    """The last messages of a ticket and of those that were merged into it, oldest first: id, ticket_id, author_kind,
    author_id, author_name, body (its first SHOWN characters), length (of all of it), is_internal, mentions, created_at.

    Raises Denied; of a ticket that is not in sight there are none.
    """
    require(actor, "tickets:read")
    merged = select(Ticket.id).where(or_(Ticket.id == ticket_id, Ticket.merged_into_id == ticket_id))
    found = (
        select(
            TicketMessage.id, TicketMessage.ticket_id, TicketMessage.author_kind, TicketMessage.author_id,
            TicketMessage.author_name, func.left(TicketMessage.body, SHOWN).label("body"),
            func.length(TicketMessage.body).label("length"), TicketMessage.is_internal, TicketMessage.mentions,
            TicketMessage.created_at,
        )
        .where(TicketMessage.ticket_id.in_(merged))
        .order_by(TicketMessage.created_at.desc(), TicketMessage.id.desc())
        .limit(limit)
    )  # fmt: skip
    with read(actor) as rx:
        frame = rx.frame(found)
    return _masked(actor, frame.iloc[::-1].reset_index(drop=True))


def _masked(actor: Actor, frame: pd.DataFrame) -> pd.DataFrame:
    if masking.sees(actor) or frame.empty:
        return frame
    columns = ("author_kind", "author_name", "author_id", "ticket_id")
    rows = zip(*(frame[column].to_list() for column in columns), strict=True)
    names = [
        masking.name_masked(name, key if isinstance(key, str) else ticket) if kind == "customer" else name
        for kind, name, key, ticket in rows
    ]
    return frame.assign(author_name=pd.array(names, dtype="string"))


def body(actor: Actor, message_id: UUID) -> str:
    """All of a message. Raises Denied, NotFound."""
    require(actor, "tickets:read")
    with read(actor) as rx:
        found = rx.value(select(TicketMessage.body).where(TicketMessage.id == message_id))
    if found is None:
        raise NotFound("This message does not exist, or is not among those you may see.")
    return str(found)


def events(actor: Actor, ticket_id: UUID, *, limit: int = MOST) -> pd.DataFrame:
    """The last events of a ticket, oldest first: id, at (UTC), kind, before, after, actor_id, actor_name, detail (dict; of
    an owner or a team, who they were by name: before_name, after_name).

    Raises Denied; of a ticket that is not in sight there are none.
    """
    require(actor, "tickets:read")
    found = (
        select(
            TicketEvent.id, TicketEvent.at, TicketEvent.kind, TicketEvent.before, TicketEvent.after,
            TicketEvent.actor_id, TicketEvent.actor_name, TicketEvent.detail,
        )
        .where(TicketEvent.ticket_id == ticket_id)
        .order_by(TicketEvent.at.desc(), TicketEvent.id.desc())
        .limit(limit)
    )  # fmt: skip
    with read(actor) as rx:
        frame = rx.frame(found).iloc[::-1].reset_index(drop=True)
        teams = _ids(frame, "team")
        named = rx.rows(select(SupportTeam.id, SupportTeam.name).where(SupportTeam.id.in_(teams))) if teams else []
    known = {row.id: row.name for row in named} | people.names(_ids(frame, "assignee"))
    return frame.assign(detail=_named(frame, {str(key): name for key, name in known.items()}))


def _ids(frame: pd.DataFrame, kind: str) -> set[UUID]:
    """What the events of this kind tell of, before and after."""
    rows = frame.loc[frame["kind"] == kind, ["before", "after"]]
    return {UUID(one) for column in ("before", "after") for one in rows[column].dropna()}


def _named(frame: pd.DataFrame, known: Mapping[str, str]) -> pd.Series:
    rows = zip(*(frame[name].to_list() for name in ("kind", "before", "after", "detail")), strict=True)
    details = [
        detail | {"before_name": known.get(before), "after_name": known.get(after)}
        if kind in ("assignee", "team") else detail
        for kind, before, after, detail in rows
    ]  # fmt: skip
    return pd.Series(details, dtype="object", index=frame.index)


def files(actor: Actor, ticket_id: UUID) -> pd.DataFrame:
    """Files of a ticket and of those merged into it: id, ticket_id, message_id (none: came with the description), name,
    media_type, size_bytes, added_by_name, created_at. Raises Denied."""
    require(actor, "tickets:read")
    merged = select(Ticket.id).where(or_(Ticket.id == ticket_id, Ticket.merged_into_id == ticket_id))
    found = (
        select(
            TicketAttachment.id, TicketAttachment.ticket_id, TicketAttachment.message_id, TicketAttachment.name,
            TicketAttachment.media_type, TicketAttachment.size_bytes, TicketAttachment.added_by_name,
            TicketAttachment.created_at,
        )
        .where(TicketAttachment.ticket_id.in_(merged))
        .order_by(TicketAttachment.created_at, TicketAttachment.id)
        .limit(MOST)
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(found)


def viewers(actor: Actor, ticket_id: UUID) -> list[dict[str, Any]]:
    """Others who have the ticket open now: operator_id, name, seen_at. Raises Denied."""
    require(actor, "tickets:read")
    now = select(TicketView.operator_id, TicketView.seen_at).where(
        TicketView.ticket_id == ticket_id, TicketView.seen_at > utc_now() - LOOKING,
        TicketView.operator_id != actor.operator_id,
    )  # fmt: skip
    with read(actor) as rx:
        rows = rx.rows(now.order_by(TicketView.seen_at.desc()).limit(MOST))
    names = people.names(row.operator_id for row in rows)
    return [row._asdict() | {"name": names.get(row.operator_id, "")} for row in rows]


def mark_seen(actor: Actor, ticket_id: UUID) -> None:
    """Notes that the operator has the ticket open: nothing for one that is not in sight, or for a machine."""
    require(actor, "tickets:read")
    if actor.operator_id is None:
        return
    seen = {"operator_id": actor.operator_id, "seen_at": utc_now()}
    known = select(Ticket.id, Ticket.tenant_id).where(Ticket.id == ticket_id)
    with record(actor) as recording:
        row = recording.execute(known).first()
        if row is not None:
            view = insert(TicketView).values(ticket_id=row.id, tenant_id=row.tenant_id, **seen)
            changed = {"seen_at": seen["seen_at"], "tenant_id": row.tenant_id}
            recording.execute(view.on_conflict_do_update(index_elements=["operator_id", "ticket_id"], set_=changed))

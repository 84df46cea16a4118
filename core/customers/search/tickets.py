"""Tickets by number, by words of subject, description and messages, or by id."""

import pandas as pd
from sqlalchemy import BigInteger, Integer, String, Subquery, Text, Uuid, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY

from core.customers.search.asking import Asked
from core.customers.search.looking import PATIENCE_MS, as_rows, counted, limited
from core.customers.search.sources import ELSEWHERE, EXACT, MOST, START_OF_WORD, Source
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.support.tickets.models import Ticket
from core.support.tickets.numbers import parsed, shown


def find(actor: Actor, asked: Asked, limit: int) -> pd.DataFrame:
    """The number itself first, then words of the subject, then words of the rest; the latest of each first."""
    found, number = _keys(asked), parsed(asked.text)
    is_it = Ticket.number == number if number is not None else Ticket.id == asked.key
    in_subject = func.qd_text(Ticket.subject).op("@@")(cast(asked.query, TSQUERY))
    rank = case((is_it, EXACT), (in_subject, START_OF_WORD), else_=ELSEWHERE)
    told = func.concat_ws(" · ", Tenant.name, func.replace(Ticket.status, "_", " "), Ticket.priority)
    statement = (
        select(Ticket.id, Ticket.subject.label("title"), cast(told, Text).label("subtitle"), Ticket.tenant_id,
               Tenant.name.label("tenant"), cast(rank, Integer).label("rank"), counted(), Ticket.number)
        .join(found, found.c.key == Ticket.id)
        .outerjoin(Tenant, Tenant.id == Ticket.tenant_id)
        .order_by("rank", Ticket.created_at.desc(), Ticket.id)
    )  # fmt: skip
    with read(actor, timeout_ms=PATIENCE_MS) as rx:
        frame = rx.frame(limited(statement, limit))
    titles = [f"{shown(one)} {title}" for one, title in zip(frame["number"], frame["title"], strict=True)]
    return as_rows(frame.assign(title=pd.array(titles, dtype="string")), "support/ticket", "id", "id")


def _keys(asked: Asked) -> Subquery:
    """Ids that the database found (migration 0033), at most MOST of them; an id is its own key."""
    if asked.key is not None:
        return select(literal(asked.key, Uuid()).label("key")).subquery("keys")
    given, number = cast(asked.text, String), cast(parsed(asked.text), BigInteger)
    called = func.qd_tickets_found(given, number).table_valued("key").render_derived()
    return select(cast(called.c.key, Uuid()).label("key")).limit(MOST).subquery("keys")


SOURCE = Source("tickets", "Tickets", "tickets:read", "number, words of the conversation, or id", find)

"""The order in which an agent works through the queue: from the queue's page to the tickets and back."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.support.tickets import queries
from core.support.tickets.queries import Filters
from pages.support._queue.choices import FIRST_SORT, Choices

_WAY, _CURSOR = "tickets_way", "tickets_cursor"
QUEUE, TICKET = "support/queue.py", "support/ticket.py"


@dataclass(slots=True)
class Way:
    """The rows that the queue showed last, in order, and the address under which it did."""

    ids: list[str] = field(default_factory=list)
    filters: Filters = field(default_factory=Filters)
    sort: str = FIRST_SORT
    address: list[tuple[str, str]] = field(default_factory=list)


def known() -> Way:
    way: Way = st.session_state.setdefault(_WAY, Way())
    return way


def remember(frame: pd.DataFrame, chosen: Choices) -> None:
    """What the queue shows now."""
    address = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    st.session_state[_WAY] = Way(list(frame["id"]), chosen.filters, chosen.sort, address)


def beside(actor: Actor, ticket_id: str, step: int) -> str | None:
    """The ticket after (1) or before (-1) this one. A row keeps its place in the order that the queue showed, even when
    what was done with it since puts it elsewhere; past the ends of that page the database is asked."""
    way = known()
    if ticket_id in way.ids:
        place = way.ids.index(ticket_id) + step
        if 0 <= place < len(way.ids):
            return way.ids[place]
    try:
        found: Any = queries.neighbours(actor, way.filters, UUID(ticket_id), sort=way.sort)
    except NotFound:
        return None
    other = found[0 if step < 0 else 1]
    return str(other) if other else None


def cursor(frame: pd.DataFrame) -> int:
    """The row that the keys are at: the ticket that was opened last, else the first."""
    ids = list(frame["id"])
    at = st.session_state.get(_CURSOR)
    return ids.index(at) if at in ids else 0


def put_cursor(ticket_id: str) -> None:
    st.session_state[_CURSOR] = ticket_id


def open_ticket(ticket_id: str) -> None:
    """Shows the ticket on its page."""
    put_cursor(ticket_id)
    st.switch_page(TICKET, query_params={"id": ticket_id})


def back() -> None:
    """Shows the queue as it was."""
    st.switch_page(QUEUE, query_params=known().address)

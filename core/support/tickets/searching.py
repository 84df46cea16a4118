"""Conditions that only the database's own functions answer quickly: under row-level security neither full-text search nor
arrays reach an index, so ids are found as the owner, within the actor's scope, and read under the policies afterwards."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, Uuid, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.kernel.reads import AnySelect, as_id
from core.support.tickets import numbers
from core.support.tickets.models import Ticket

LONGEST = 200  # characters of what is looked for


def matches(text: str) -> ColumnElement[bool]:
    """That a ticket is what `text` looks for: an id, a number, or words of which each begins one of the ticket's."""
    typed = text.replace("\x00", " ").strip()[:LONGEST]
    key = as_id(typed)
    found = _among(func.qd_tickets_found(typed, cast(numbers.parsed(typed), BigInteger)))
    # What looks like an id may as well be that of a request, which the customer wrote into the text.
    return Ticket.id.in_(found.union_all(select(literal(key, Uuid())))) if key else Ticket.id.in_(found)


def tagged(tags: Sequence[str]) -> ColumnElement[bool]:
    """That a ticket has one of the tags; of very many, the newest."""
    return Ticket.id.in_(_among(func.qd_tickets_tagged(cast(list(tags), ARRAY(Text())))))


def _among(found: Any) -> AnySelect:
    return select(column("id", Uuid())).select_from(found.table_valued("id").render_derived())

"""What the sources share: keys that the database found, best first, and rows in one form."""

from typing import Any
from urllib.parse import urlencode

import pandas as pd
from sqlalchemy import Integer, Subquery, Uuid, cast, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.elements import ColumnElement

from core.customers.search.asking import Asked
from core.customers.search.sources import COLUMNS, EXACT, MOST

PATIENCE_MS = 1_000


def keys(function: str, asked: Asked, query: str | None = None) -> Subquery:
    """Rows of key and rank, by a function of migration 0027; an id is its own key."""
    if asked.key is not None:
        return select(literal(asked.key, Uuid()).label("key"), literal(EXACT, Integer()).label("rank")).subquery("keys")
    called = getattr(func, function)(asked.text, cast(query or asked.query, TSQUERY), MOST)
    found = called.table_valued("key", "rank").render_derived()
    best = func.min(cast(found.c.rank, Integer)).label("rank")
    return select(cast(found.c.key, Uuid()).label("key"), best).group_by(found.c.key).subquery("keys")


def counted() -> ColumnElement[int]:
    """How many rows there are before the limit."""
    return func.count().over().label("found")


def limited(statement: Any, limit: int) -> Any:
    return statement.limit(max(1, min(limit, MOST)))


def as_rows(frame: pd.DataFrame, link: str, parameter: str, of: str) -> pd.DataFrame:
    """The frame as sources.COLUMNS, each row with its link to the page `link` by the column `of`."""
    made = [f"{link}?{urlencode({parameter: value})}" for value in frame[of]]
    return frame.assign(link=pd.array(made, dtype="string"))[list(COLUMNS)]

"""Reads: DataFrames with stable types, in a read-only transaction under the actor's row-level security."""

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import pandas as pd
import psycopg
from sqlalchemy import Row, Select, tuple_
from sqlalchemy import types as sql
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, TooSlow

ROW_LIMIT = 10_000
AnySelect = Select[*tuple[Any, ...]]

_DTYPES: list[tuple[type[sql.TypeEngine[Any]], str]] = [
    (sql.Boolean, "boolean"),
    (sql.Integer, "Int64"),
    (sql.Float, "Float64"),
    (sql.DateTime, "datetime64[us, UTC]"),
    (sql.Interval, "timedelta64[us]"),
    (sql.String, "string"),
    (sql.Uuid, "string"),
]


class Page(NamedTuple):
    """One page of a long list; `next` is the token of the following one, or None at the end."""

    frame: pd.DataFrame
    next: str | None


class Listing(NamedTuple):
    """One page of a long list for machines: plain rows in place of a frame."""

    rows: list[dict[str, Any]]
    next: str | None


def _dtype(kind: sql.TypeEngine[Any]) -> str:
    return next((dtype for known, dtype in _DTYPES if isinstance(kind, known)), "object")


def _series(values: list[Any], kind: sql.TypeEngine[Any]) -> pd.Series:
    dtype = _dtype(kind)
    if isinstance(kind, sql.Uuid):
        values = [None if value is None else str(value) for value in values]
    if dtype.startswith("datetime"):
        return pd.Series(pd.to_datetime(values, utc=True), dtype=dtype)
    return pd.Series(values, dtype=dtype)


def as_frame(statement: AnySelect, rows: Sequence[Row[*tuple[Any, ...]]]) -> pd.DataFrame:
    """The rows as a DataFrame whose dtypes come from the statement's columns, so that an empty one has them too."""
    columns = list(statement.selected_columns)
    by_column = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    named = zip(statement.selected_columns.keys(), columns, by_column, strict=True)
    return pd.DataFrame({name: _series(list(values), column.type) for name, column, values in named})


def as_id(text: str) -> UUID | None:
    """The id that somebody typed or pasted, or None when it is none."""
    try:
        return UUID(text.strip())
    except ValueError:
        return None


def _to_token(values: Sequence[Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(list(values), default=str)).decode().rstrip("=")


def _typed(value: Any, column: ColumnElement[Any]) -> Any:
    """The value as the column takes it; a token may have been made by anybody. Raises ValueError, TypeError."""
    if isinstance(column.type, sql.DateTime):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment
    if isinstance(column.type, sql.Uuid):
        return UUID(str(value))
    if isinstance(column.type, sql.Integer):
        fits = type(value) is int and abs(value) < 2**63
    else:
        fits = isinstance(value, str) and "\x00" not in value
    if not fits:
        raise TypeError("not what the column holds")
    return value


def _from_token(token: str, keys: Sequence[ColumnElement[Any]]) -> list[Any]:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return [_typed(value, key) for value, key in zip(values, keys, strict=True)]
    except (ValueError, TypeError) as error:
        raise Invalid(
            "This page link is damaged. Start from the first page.", {"cursor": "Not a page token."}
        ) from error


class Reading:
    """What a query may do. Made by `read`, never by hand."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self.session, self.actor = session, actor

    def frame(self, statement: AnySelect, *, limit: int = ROW_LIMIT) -> pd.DataFrame:
        """At most `limit` rows (or the statement's own limit, if that is lower)."""
        own = statement._limit_clause
        return as_frame(statement, self.session.execute(statement if own is not None else statement.limit(limit)).all())

    def page(
        self, statement: AnySelect, *, keys: Sequence[Any], after: str | None = None, limit: int = 50,
        descending: bool = True,
    ) -> Page:  # fmt: skip
        """The `limit` rows after the token, in the order of `keys` (unique together and among the selected columns).

        Pages by key, so that the last page costs what the first one does. Raises Invalid for a damaged token.
        """
        rows, token = self._slice(statement, keys, after, limit, descending)
        return Page(as_frame(statement, rows), token)

    def listing(
        self, statement: AnySelect, *, keys: Sequence[Any], after: str | None = None, limit: int = 50,
        descending: bool = True,
    ) -> Listing:  # fmt: skip
        """As `page`, with the rows as they are: a frame costs more than it brings where nothing is computed."""
        rows, token = self._slice(statement, keys, after, limit, descending)
        names = tuple(statement.selected_columns.keys())
        return Listing([dict(zip(names, row, strict=True)) for row in rows], token)

    def _slice(
        self, statement: AnySelect, keys: Sequence[Any], after: str | None, limit: int, descending: bool
    ) -> tuple[Sequence[Row[*tuple[Any, ...]]], str | None]:
        columns = list(keys)
        if after:
            mark = tuple_(*_from_token(after, columns))
            statement = statement.where(tuple_(*columns) < mark if descending else tuple_(*columns) > mark)
        order = [column.desc() if descending else column.asc() for column in columns]
        rows = self.session.execute(statement.order_by(*order).limit(limit + 1)).all()
        last = [getattr(rows[limit - 1], column.key) for column in columns] if len(rows) > limit else None
        return rows[:limit], _to_token(last) if last else None

    def rows(self, statement: AnySelect) -> list[Row[*tuple[Any, ...]]]:
        return list(self.session.execute(statement).all())

    def one(self, statement: AnySelect) -> Row[*tuple[Any, ...]] | None:
        return self.session.execute(statement).first()

    def value(self, statement: AnySelect) -> Any:
        """The first column of the first row, or None."""
        return self.session.execute(statement).scalar()


@contextmanager
def read(actor: Actor, *, timeout_ms: int = 5_000) -> Iterator[Reading]:
    """A read-only transaction with a statement timeout, on the replica where there is one. Raises TooSlow, Unavailable."""
    try:
        with db.begun(actor, timeout_ms=timeout_ms, read_only=True) as begun:
            yield Reading(begun.session, actor)
            db.end_read(begun.session)
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.errors.QueryCanceled):
            limit = timedelta(milliseconds=timeout_ms).total_seconds()
            sentence = f"This took longer than {limit:g} s and was stopped. Narrow the filters or the time range."
            raise TooSlow(sentence) from error
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise db.unavailable(error) from error
        raise

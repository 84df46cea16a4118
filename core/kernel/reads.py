"""Reads: DataFrames with stable types, in a read-only transaction under the actor's row-level security."""

import base64
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import pandas as pd
import psycopg
from sqlalchemy import Row, Select, and_, or_, tuple_
from sqlalchemy import types as sql
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, TooSlow

ROW_LIMIT = 10_000
_DIGITS = 100
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


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _number(value: Any) -> Decimal | float:
    """Text of a decimal, or a float. No more digits than the database takes."""
    number = Decimal(value) if isinstance(value, str) else value
    if isinstance(number, bool) or not isinstance(number, (Decimal, int, float)) or not math.isfinite(number):
        raise TypeError("not a number")
    if isinstance(number, Decimal) and number and not -_DIGITS < number.adjusted() < _DIGITS:
        raise ValueError("a number of too many digits")
    return number


def _typed(value: Any, column: ColumnElement[Any]) -> Any:
    """The value as the column takes it; a token may have been made by anybody. Raises ValueError, TypeError."""
    if isinstance(column.type, sql.DateTime):
        return _moment(value)
    if isinstance(column.type, sql.Date):
        return date.fromisoformat(value)
    if isinstance(column.type, sql.Uuid):
        return UUID(str(value))
    if isinstance(column.type, (sql.Numeric, sql.Float)):
        return _number(value)
    if isinstance(column.type, sql.Integer):
        fits = type(value) is int and abs(value) < 2**63
    else:
        fits = isinstance(value, str) and "\x00" not in value
    if not fits:
        raise TypeError("not what the column holds")
    return value


def _from_token(token: str, keys: Sequence[ColumnElement[Any]], nulls_last: bool) -> list[Any]:
    try:
        values = orjson.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        absent = [nulls_last and value is None and key is not keys[-1] for value, key in zip(values, keys, strict=True)]
        return [None if gone else _typed(value, key) for value, key, gone in zip(values, keys, absent, strict=True)]
    except (ValueError, TypeError, ArithmeticError) as error:
        raise Invalid(
            "This page link is damaged. Start from the first page.", {"cursor": "Not a page token."}
        ) from error


def _beyond(columns: Sequence[Any], mark: Sequence[Any], descending: bool, nulls_last: bool) -> ColumnElement[bool]:
    """The condition of coming after the mark, in the order of the page."""
    if not nulls_last:
        return tuple_(*columns) < tuple_(*mark) if descending else tuple_(*columns) > tuple_(*mark)
    ways: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for column, value in zip(columns, mark, strict=True):
        if value is not None:
            further = column < value if descending else column > value
            ways.append(and_(*same, or_(further, column.is_(None))))
        same.append(column.is_(None) if value is None else column == value)
    return or_(*ways)


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
        descending: bool = True, nulls_last: bool = False,
    ) -> Page:  # fmt: skip
        """The `limit` rows after the token, in the order of `keys` (unique together and among the selected columns).

        Pages by key, so that the last page costs what the first one does. With `nulls_last`, all keys but the last one may
        be NULL, and such rows come after the others in both directions. Raises Invalid for a damaged token.
        """
        rows, token = self._slice(statement, keys, after, limit, descending, nulls_last)
        return Page(as_frame(statement, rows), token)

    def listing(
        self, statement: AnySelect, *, keys: Sequence[Any], after: str | None = None, limit: int = 50,
        descending: bool = True, nulls_last: bool = False,
    ) -> Listing:  # fmt: skip
        """As `page`, with the rows as they are: a frame costs more than it brings where nothing is computed."""
        rows, token = self._slice(statement, keys, after, limit, descending, nulls_last)
        names = tuple(statement.selected_columns.keys())
        return Listing([dict(zip(names, row, strict=True)) for row in rows], token)

    def _slice(
        self, statement: AnySelect, keys: Sequence[Any], after: str | None, limit: int, descending: bool, nulls_last: bool
    ) -> tuple[Sequence[Row[*tuple[Any, ...]]], str | None]:  # fmt: skip
        columns = list(keys)
        if after:
            mark = _from_token(after, columns, nulls_last)
            statement = statement.where(_beyond(columns, mark, descending, nulls_last))
        order = [column.desc() if descending else column.asc() for column in columns]
        order = [one.nulls_last() for one in order[:-1]] + order[-1:] if nulls_last else order
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

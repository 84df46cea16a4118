"""Machine observations: append-only rows that are facts of the moment and not decisions, so without audit and event."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg import sql
from sqlalchemy import Executable, text
from sqlalchemy.engine import Result
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.models import Base

STAGE = "qd_stage"


class Recording:
    """What may be done to tables of observations (`__observation__ = True`), and to no others."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def execute(self, statement: Executable, parameters: Any = None) -> Result[Any]:
        """Reads anything; an INSERT, UPDATE or DELETE only of an observation table. Raises LookupError otherwise."""
        table = getattr(statement, "table", None)
        if table is not None and getattr(statement, "is_dml", False):
            _require_observation(table.name)
        return self.session.execute(statement, parameters)

    def copy(self, model: type[Base], rows: Iterable[Mapping[str, Any]], columns: list[str] | None = None) -> int:
        """Stores many rows by COPY and returns how many; a column that a row does not have is NULL.

        Through a temporary table, because PostgreSQL does not COPY into a table under row-level security.
        """
        _require_observation(model.__tablename__)
        listed = list(rows)
        if listed:
            names = columns or list(listed[0])
            with self.staged(model, names, ([_value(row.get(name)) for name in names] for row in listed)) as stage:
                self.session.execute(
                    text(f"INSERT INTO {model.__tablename__} ({', '.join(names)}) SELECT * FROM {stage}")
                )
        return len(listed)

    @contextmanager
    def staged(self, model: type[Base], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
        """The name of a temporary table that holds these rows of these columns of a table, as long as it is needed."""
        parts = {"stage": sql.Identifier(STAGE), "table": sql.Identifier(model.__tablename__),
                 "columns": sql.SQL(", ").join(map(sql.Identifier, columns))}  # fmt: skip
        with db.driver(self.session).cursor() as cursor:
            create = "CREATE TEMP TABLE {stage} ON COMMIT DROP AS SELECT {columns} FROM {table} WITH NO DATA"
            cursor.execute(sql.SQL(create).format(**parts))
            with cursor.copy(sql.SQL("COPY {stage} ({columns}) FROM STDIN").format(**parts)) as copy:
                for row in rows:
                    copy.write_row(row)
        yield STAGE
        self.session.execute(text(f"DROP TABLE {STAGE}"))


def _value(value: Any) -> Any:
    is_document = isinstance(value, dict) or (isinstance(value, list) and value and isinstance(value[0], dict))
    return db.to_json(value) if is_document else value


def _require_observation(table: str) -> None:
    owners = [mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == table]
    marked = Base.metadata.tables[table].info.get("observation") if table in Base.metadata.tables else False
    if not marked and not any(owner.__observation__ for owner in owners):
        raise LookupError(f"{table} is not a table of observations; change it by an action through write().")


@contextmanager
def record(actor: Actor, *, timeout_ms: int = 30_000) -> Iterator[Recording]:
    """One transaction of observations, committed at the end. Raises Unavailable when the database does not answer."""
    try:
        with db.begun(actor, timeout_ms=timeout_ms) as begun:
            yield Recording(begun.session)
            begun.session.commit()
    except (OperationalError, DBAPIError) as error:
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise db.unavailable(error) from error
        raise

"""Engines and the state that every transaction starts with. Nothing else makes an engine."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
import psycopg
from psycopg.errors import error_from_result
from psycopg.pq import Escaping, ExecStatus, TransactionStatus
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.settings import settings

APP_ROLE = "quarterdeck_app"

# One round trip sets role, scope and grants, and brings the maintenance message, if any.
_BEGIN = (
    "SELECT set_config('role', 'quarterdeck_app', true), set_config('qd.grants', %s, true),"
    " set_config('qd.scope', %s, true), set_config('qd.operator', %s, true), set_config('qd.action', %s, true),"
    " set_config('statement_timeout', %s, true), set_config('transaction_read_only', %s, true),"
    " (SELECT message FROM maintenance WHERE ended_at IS NULL LIMIT 1)"
)


def normal_url(url: str) -> str:
    """A PostgreSQL URL in any usual spelling, with the driver that the portal uses."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme.split("+")[0] in {"postgresql", "postgres"} else url


def database_url() -> str:
    """Where the portal's database is. Without DATABASE_URL, the embedded server, started when needed."""
    chosen = settings()
    if chosen.database_url:
        return normal_url(chosen.database_url)
    from core.kernel import embedded  # noqa: PLC0415  (needs the server's wheel, which other setups may lack)

    return embedded.start(chosen.data_folder / "postgres")


def to_json(value: Any) -> str:
    """JSON text of what audit, events and JSONB columns hold; decimals, bytes and addresses as text."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def process_name(host: str, pid: int) -> str:
    """What the connections of a process are called on the server (at most 63 bytes), so that they can be ended together."""
    return f"quarterdeck {pid} {host}"[:63]


def _make(url: str) -> Engine:
    named = {"connect_timeout": 5, "application_name": process_name(socket.gethostname(), os.getpid())}
    return create_engine(
        url, pool_size=10, max_overflow=20, pool_timeout=10, json_serializer=to_json,
        json_deserializer=orjson.loads, connect_args=named,
    )  # fmt: skip


@cache
def engine() -> Engine:
    """The primary."""
    return _make(database_url())


@cache
def read_engine() -> Engine:
    """The replica where DATABASE_READ_URL names one, else the primary."""
    replica = settings().database_read_url
    return _make(normal_url(replica)) if replica else engine()


def forget_engines() -> None:
    """Closes all connections; the next use connects again (after a fork, or to another database)."""
    for made in (engine, read_engine):
        if made.cache_info().currsize:
            made().dispose()
        made.cache_clear()


# A test puts its own connection here, so that everything it causes is rolled back with it.
joined: list[Connection] = []


def driver(session: Session) -> psycopg.Connection[Any]:
    """psycopg's own connection of the session's transaction, for what costs more through SQLAlchemy than it brings."""
    connection = session.connection().connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    return connection


@dataclass(frozen=True, slots=True)
class Begun:
    """An open transaction under an actor's row-level security, with the maintenance message, if any."""

    session: Session
    maintenance: str | None


@contextmanager
def begun(actor: Actor, *, action: str = "", timeout_ms: int = 30_000, read_only: bool = False) -> Iterator[Begun]:
    """A transaction as the actor; rolled back at the end unless committed before. Raises Unavailable.

    A pooled connection that died while idle is replaced once, which costs nothing as long as none has.
    """
    session = _new_session(read_only)
    settings_of = (",".join(sorted(actor.grants)), actor.sight, str(actor.operator_id or ""), action,
                   str(timeout_ms), "on" if read_only else "off")  # fmt: skip
    try:
        try:
            maintenance = _begin(session, settings_of)
        except (psycopg.OperationalError, OperationalError):
            session.invalidate()
            engine_of(read_only).dispose()
            session = _new_session(read_only)
            maintenance = _begin(session, settings_of)
    except (psycopg.OperationalError, OperationalError) as error:
        session.invalidate()
        raise unavailable(error) from error
    with session:
        yield Begun(session, maintenance)


def engine_of(read_only: bool) -> Engine:
    return read_engine() if read_only else engine()


def _new_session(read_only: bool) -> Session:
    if joined:
        return Session(joined[-1], join_transaction_mode="create_savepoint", expire_on_commit=False)
    return Session(engine_of(read_only), expire_on_commit=False)


def _begin(session: Session, values: tuple[str, ...]) -> str | None:
    """BEGIN and the settings in one message: psycopg's own way takes several, and more time than the database does."""
    connection = driver(session)
    escape = Escaping(connection.pgconn).escape_literal
    statement = _BEGIN.encode() % tuple(escape(value.encode()) for value in values)
    is_idle = connection.info.transaction_status == TransactionStatus.IDLE
    result = connection.pgconn.exec_(b"BEGIN; " + statement if is_idle else statement)
    if result.status != ExecStatus.TUPLES_OK:
        error = error_from_result(result)
        # Without a code of the server's it was the connection that failed.
        raise error if error.sqlstate else psycopg.OperationalError(str(error))
    message = result.get_value(0, result.nfields - 1)
    return message.decode() if message is not None else None


def end_read(session: Session) -> None:
    """Ends a transaction that changed nothing. COMMIT, because a rollback makes psycopg forget its prepared statements."""
    if not joined:
        driver(session).pgconn.exec_(b"COMMIT")


def unavailable(error: Exception) -> Unavailable:
    reason = str(error.__cause__ or error).strip().splitlines()[0]
    return Unavailable(f"The database does not answer ({reason}). Nothing was changed; try again in a minute.")

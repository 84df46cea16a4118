"""Engines and the state that every transaction starts with. Nothing else makes an engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import psycopg
from sqlalchemy import Connection, Engine, Executable, Result, create_engine, text
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


_NOTHING = text("SELECT 1")


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


# Connections whose next statement begins a transaction, with the settings that it begins with.
_unopened: WeakKeyDictionary[psycopg.Connection[Any], tuple[str, ...]] = WeakKeyDictionary()


class Opening(psycopg.Cursor[Any]):
    """Sends what opens a transaction together with its first statement: one round trip for both."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> "Opening":
        values = _unopened.pop(self.connection, None)
        if values is None:
            return super().execute(query, params, **options)
        with self.connection.pipeline():
            psycopg.Cursor(self.connection).execute(_BEGIN, values, prepare=True)
            return super().execute(query, params, **options)


def _make(url: str) -> Engine:
    return create_engine(
        url, pool_size=10, max_overflow=20, pool_timeout=10, json_serializer=to_json,
        json_deserializer=orjson.loads,
        connect_args={"connect_timeout": 5, "application_name": "quarterdeck", "cursor_factory": Opening},
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
    session, settings_of = _new_session(read_only), _settings_of(actor, action, timeout_ms, read_only=read_only)
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


def _settings_of(actor: Actor, action: str, timeout_ms: int, *, read_only: bool) -> tuple[str, ...]:
    return (",".join(sorted(actor.grants)), actor.sight, str(actor.operator_id or ""), action, str(timeout_ms),
            "on" if read_only else "off")  # fmt: skip


class Reader:
    """A read-only transaction as the actor, which begins with its first statement and costs no round trip of its own.

    A pooled connection that died while idle is replaced once.
    """

    def __init__(self, actor: Actor, timeout_ms: int) -> None:
        self._settings = _settings_of(actor, "", timeout_ms, read_only=True)
        self._session = _new_session(read_only=True)
        self._is_open = False

    @property
    def session(self) -> Session:
        """The open transaction, for what is not one statement."""
        if not self._is_open:
            self.execute(_NOTHING)
        return self._session

    def execute(self, statement: Executable) -> Result[Any]:
        if self._is_open:
            return self._session.execute(statement)
        try:
            return self._first(statement)
        except (psycopg.OperationalError, OperationalError) as error:
            if isinstance(error.__cause__ or error, psycopg.errors.QueryCanceled):
                raise
            self._session.invalidate()
            engine_of(True).dispose()
            self._session = _new_session(read_only=True)
            return self._first(statement)

    def _first(self, statement: Executable) -> Result[Any]:
        connection = driver(self._session)
        _unopened[connection] = self._settings
        try:
            result = self._session.execute(statement)
        finally:
            _unopened.pop(connection, None)
        self._is_open = True
        return result

    def close(self) -> None:
        """Ends the transaction; what was loaded stays as it is."""
        self._session.close()


def engine_of(read_only: bool) -> Engine:
    return read_engine() if read_only else engine()


def _new_session(read_only: bool) -> Session:
    if joined:
        return Session(joined[-1], join_transaction_mode="create_savepoint", expire_on_commit=False)
    return Session(engine_of(read_only), expire_on_commit=False)


def _begin(session: Session, values: tuple[str, ...]) -> str | None:
    connection = driver(session)
    with connection.pipeline():  # BEGIN and the settings travel together
        begun = connection.execute(_BEGIN, values, prepare=True)
    row = begun.fetchone()
    message: str | None = row[-1] if row else None
    return message


def unavailable(error: Exception) -> Unavailable:
    reason = str(error.__cause__ or error).strip().splitlines()[0]
    return Unavailable(f"The database does not answer ({reason}). Nothing was changed; try again in a minute.")

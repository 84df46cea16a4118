"""Engines and the state that every transaction starts with. Nothing else makes an engine."""

from functools import cache

from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.orm import Session

from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.settings import settings

APP_ROLE = "quarterdeck_app"

# One round trip sets role, scope and grants, and brings the maintenance message, if any.
_BEGIN = text(
    "SELECT set_config('role', 'quarterdeck_app', true), set_config('qd.grants', :grants, true),"
    " set_config('qd.scope', :scope, true), set_config('qd.operator', :operator, true),"
    " set_config('qd.action', :action, true), set_config('statement_timeout', :timeout, true),"
    " set_config('transaction_read_only', :read_only, true),"
    " (SELECT message FROM maintenance WHERE ended_at IS NULL LIMIT 1) AS maintenance"
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


def _make(url: str) -> Engine:
    return create_engine(
        url, pool_size=10, max_overflow=20, pool_pre_ping=True, pool_timeout=10, json_serializer=to_json,
        json_deserializer=orjson.loads, connect_args={"connect_timeout": 5, "application_name": "quarterdeck"},
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


def open_session(*, for_reading: bool = False) -> Session:
    """A session whose commit is the kernel's to call."""
    if joined:
        return Session(joined[-1], join_transaction_mode="create_savepoint", expire_on_commit=False)
    return Session(read_engine() if for_reading else engine(), expire_on_commit=False)


def begin_as(
    session: Session, actor: Actor, *, action: str = "", timeout_ms: int = 30_000, read_only: bool = False
) -> str | None:
    """Puts the open transaction under the actor's row-level security. Returns the maintenance message, if any."""
    values = {
        "grants": ",".join(sorted(actor.grants)), "scope": actor.scope, "action": action,
        "operator": str(actor.operator_id or ""), "timeout": str(timeout_ms), "read_only": "on" if read_only else "off",
    }  # fmt: skip
    message: str | None = session.execute(_BEGIN, values).one().maintenance
    return message


def unavailable(error: Exception) -> Unavailable:
    reason = str(error.__cause__ or error).strip().splitlines()[0]
    return Unavailable(f"The database does not answer ({reason}). Nothing was changed; try again in a minute.")

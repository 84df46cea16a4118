"""A real PostgreSQL for each worker: migrated once into a template, cloned, every test rolled back."""

import logging
import os
from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from core.kernel import crypto, db, logs
from core.kernel.actor import Actor
from core.kernel.settings import settings
from core.roles import ROLES
from tests.postgres import Server

TEMPLATE = "quarterdeck_template"
_started: list[Server] = []


def _admin(statement: str) -> None:
    address = os.environ["TEST_SERVER"].replace("DATABASE", "postgres").replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def _address(database: str) -> str:
    return os.environ["TEST_SERVER"].replace("DATABASE", database)


def migrate(url: str) -> None:
    config = Config("alembic.ini")
    config.set_main_option("sqlalchemy.url", url)
    command.upgrade(config, "head")


def pytest_configure(config: pytest.Config) -> None:
    os.environ["ENCRYPTION_KEYS"] = "test:" + "A" * 43 + "="
    # Through the standard library, so that `caplog` sees it; its own handler would outlive the stream it writes to.
    logs.configure("test")
    logging.root.handlers = []
    leads_workers = bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
    if leads_workers or config.option.collectonly:
        return
    # A server for each worker: a transaction in flight holds back the horizon of all databases of its server.
    server = Server(os.environ.get("TEST_PG", "18"))
    _started.append(server)
    os.environ["TEST_SERVER"] = server.url("DATABASE")
    _admin(f"CREATE DATABASE {TEMPLATE}")
    migrate(_address(TEMPLATE))


def pytest_unconfigure(config: pytest.Config) -> None:
    while _started:
        _started.pop().remove()


def pytest_report_header(config: pytest.Config) -> str:
    return f"PostgreSQL {os.environ.get('TEST_PG', '18')}"


@pytest.fixture(scope="session")
def own_database() -> Iterator[str]:
    """The URL of this worker's own clone of the template."""
    name = f"test_{uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    yield _address(name)
    db.forget_engines()
    _admin(f"DROP DATABASE {name} WITH (FORCE)")


def _point_at(url: str) -> None:
    os.environ["DATABASE_URL"] = url
    settings.cache_clear()
    crypto.keys.cache_clear()
    db.forget_engines()


@pytest.fixture(autouse=True)
def _configured(own_database: str, tmp_path, monkeypatch) -> Iterator[None]:
    """Every test sees this worker's database and a data folder of its own."""
    monkeypatch.setenv("DATA_FOLDER", str(tmp_path))
    if os.environ.get("DATABASE_URL") != own_database:
        _point_at(own_database)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def db_connection(_configured: None) -> Iterator[Connection]:
    """One outer transaction; reads and writes of the test join it and vanish with it."""
    engine = db.engine()
    with engine.connect() as connection:
        outer = connection.begin()
        db.joined.append(connection)
        yield connection
        db.joined.pop()
        outer.rollback()


class Raw:
    """SQL as the owner, past every policy: what a test looks at to see what is really there."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __call__(self, statement: str, **values: object) -> list:
        self.connection.execute(
            text("SELECT set_config('role', 'none', true), set_config('transaction_read_only', 'off', true)")
        )
        result = self.connection.execute(text(statement), values)
        return list(result.all()) if result.returns_rows else []


@pytest.fixture
def raw(db_connection: Connection) -> Raw:
    return Raw(db_connection)


@pytest.fixture(name="db")
def db_fixture(db_connection: Connection) -> Connection:
    return db_connection


@pytest.fixture
def committed_db(_configured: None) -> Iterator[str]:
    """A database of the test's own, where commits are real: for several processes, threads or transactions."""
    before = os.environ["DATABASE_URL"]
    name = f"test_{uuid4().hex[:12]}"
    _admin(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
    _point_at(_address(name))
    yield _address(name)
    _point_at(before)
    _admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def committed_raw(committed_db: str) -> Callable[..., list]:
    """SQL as the owner on `committed_db`, each call committed."""
    owner = create_engine(committed_db, isolation_level="AUTOCOMMIT")

    def run(statement: str, **values: object) -> list:
        with owner.connect() as connection:
            result = connection.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    yield run
    owner.dispose()


@pytest.fixture
def actor_of() -> Callable[..., Actor]:
    """An operator of a role, with its default grants and scope."""

    def make(role: str, **values: object) -> Actor:
        known = ROLES[role]
        given = {
            "operator_id": uuid4(),
            "name": known.title,
            "role": role,
            "grants": known.grants,
            "scope": known.scope,
        }
        return Actor(**(given | values))

    return make


@pytest.fixture
def system() -> Actor:
    return Actor.system("test")

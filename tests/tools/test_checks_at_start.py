"""What stops a start, in one sentence each; on a real server, real ports and real folders."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.engine import make_url

from core.kernel.checks_at_start import (
    CannotStart,
    require_database,
    require_free_port,
    require_known,
    require_version,
    require_writable,
)
from tests.postgres import Server, server
from tools.migrate import migrate


def plain(url: str) -> str:
    return url.replace("+psycopg", "")


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The URL of a database without any table."""
    name = f"empty_{uuid4().hex[:12]}"
    with psycopg.connect(plain(os.environ["TEST_SERVER"].replace("DATABASE", "postgres")), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield os.environ["TEST_SERVER"].replace("DATABASE", name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def run_in(empty_database: str) -> Callable[[str], None]:
    def run(statement: str) -> None:
        with psycopg.connect(plain(empty_database), autocommit=True) as connection:
            connection.execute(statement)

    return run


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_port_in_use_is_named_with_another_choice(listening: int) -> None:
    with pytest.raises(CannotStart, match=rf"Port {listening} is in use .*make run PORT=\d+"):
        require_free_port(listening)


def test_port_on_ipv6_only_counts_as_in_use() -> None:
    with socket.socket(socket.AF_INET6) as taken:
        taken.bind(("::1", 0))
        taken.listen()
        with pytest.raises(CannotStart, match="is in use"):
            require_free_port(taken.getsockname()[1])


def test_free_port_is_accepted_and_left_free(listening: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    require_free_port(port)
    with socket.socket() as after:
        after.bind(("127.0.0.1", port))
        assert after.getsockname()[1] == port


@pytest.mark.parametrize("port", [0, -1, 70_000])
def test_impossible_port_is_refused(port: int) -> None:
    with pytest.raises(CannotStart, match="is no port"):
        require_free_port(port)


def test_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match=r"file/data cannot be written \(Not a directory\); set DATA_FOLDER"):
        require_writable(tmp_path / "file" / "data")


def test_folder_that_takes_no_files_is_refused() -> None:
    with pytest.raises(CannotStart, match="/proc/self cannot be written"):
        require_writable(Path("/proc/self"))


def test_writable_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    require_writable(tmp_path / "new" / "data")
    assert list((tmp_path / "new" / "data").iterdir()) == []


def test_empty_database_is_accepted(empty_database: str) -> None:
    require_database(empty_database)
    migrate(empty_database)
    with psycopg.connect(plain(empty_database)) as connection:
        assert connection.execute("SELECT to_regclass('key_check')").fetchone() != (None,)


def test_our_database_is_accepted_again(committed_db: str) -> None:
    migrate(committed_db)
    with psycopg.connect(plain(committed_db)) as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_database_with_other_tables_is_refused(empty_database: str, run_in: Callable[[str], None]) -> None:
    run_in("CREATE TABLE blog_post (id int)")
    with pytest.raises(CannotStart, match="already holds tables of something else"):
        require_database(empty_database)


def test_other_tables_count_in_any_schema(empty_database: str, run_in: Callable[[str], None]) -> None:
    run_in("CREATE SCHEMA shop CREATE TABLE basket (id int)")
    with pytest.raises(CannotStart, match="already holds tables of something else"):
        migrate(empty_database)


def test_database_of_another_alembic_product_is_refused(empty_database: str, run_in: Callable[[str], None]) -> None:
    run_in("CREATE TABLE alembic_version (version_num varchar(32))")
    run_in("INSERT INTO alembic_version VALUES ('0001')")
    with pytest.raises(CannotStart, match="belongs to another product"):
        require_database(empty_database)


def test_newer_schema_is_refused(committed_db: str, committed_raw: Callable[..., list]) -> None:
    committed_raw("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CannotStart, match=r"schema is newer than this code \(its version is 9999, .* is \d{4}\)"):
        migrate(committed_db)


def test_known_revisions_are_accepted_and_unknown_named() -> None:
    require_known({"0001"}, {"0001", "0002"})
    with pytest.raises(CannotStart, match="its version is 0003, the latest known here is 0002"):
        require_known({"0003"}, {"0001", "0002"})


@pytest.mark.parametrize(("number", "shown"), [(140_011, "14.11"), (100_000, "10.0"), (90_624, "9")])
def test_old_server_is_refused(number: int, shown: str) -> None:
    with pytest.raises(CannotStart, match=f"PostgreSQL {shown}; Quarterdeck needs 15 or later"):
        require_version(number)


@pytest.mark.parametrize("number", [150_000, 150_013, 180_004])
def test_supported_server_is_accepted(number: int) -> None:
    assert require_version(number) is None


def test_user_who_may_not_migrate_is_told(empty_database: str, run_in: Callable[[str], None]) -> None:
    run_in("DROP ROLE IF EXISTS deckhand")
    run_in("CREATE ROLE deckhand LOGIN")
    url = make_url(empty_database).set(username="deckhand").render_as_string(hide_password=False)
    with pytest.raises(CannotStart, match="could not be migrated and stays as it was: permission denied"):
        migrate(url)
    run_in("DROP ROLE deckhand")


def test_missing_database_is_named(own_database: str) -> None:
    url = str(make_url(own_database).set(database="nowhere").render_as_string(hide_password=False))
    with pytest.raises(CannotStart, match="does not exist; create it"):
        require_database(url)


def test_server_that_is_down_is_named_without_the_password() -> None:
    with pytest.raises(CannotStart, match="does not answer at") as refused:
        require_database("postgresql://ada:secret@127.0.0.1:1/portal")
    assert "secret" not in str(refused.value)
    assert "127.0.0.1:1/portal" in str(refused.value)


def test_wrong_password_is_named(closed_server: Server) -> None:
    url = f"postgresql://postgres:wrong@/postgres?host={closed_server.folder}"
    with pytest.raises(CannotStart, match="refuses the user name or password") as refused:
        require_database(url)
    assert "wrong" not in str(refused.value)


@pytest.fixture(scope="module")
def closed_server() -> Iterator[Server]:
    """A server that asks for a password."""
    with server(os.environ.get("TEST_PG", "18")) as running:
        (running.data / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        with psycopg.connect(plain(running.url("postgres")), autocommit=True) as owner:
            owner.execute("ALTER ROLE postgres PASSWORD 'right'")
            owner.execute("SELECT pg_reload_conf()")
        yield running


@pytest.mark.parametrize(
    ("url", "sentence"),
    [("::", "cannot be read"), ("mysql://root@localhost/x", "must name a PostgreSQL database"), ("", "cannot be read")],
)
def test_nonsense_url_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(CannotStart, match=sentence):
        require_database(url)

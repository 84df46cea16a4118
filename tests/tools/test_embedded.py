"""The embedded server: starts, is found again, survives kill -9, stops without a trace."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest

from core.kernel import embedded
from core.kernel.errors import Unavailable


@pytest.fixture
def folder(own_folder: Path) -> Iterator[Path]:
    place = own_folder / "postgres"
    yield place
    embedded.stop(place)


def ask(url: str, query: str) -> object:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def keep_seven(url: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")


def servers(folder: Path) -> list[psutil.Process]:
    """Every process that works in that data folder, seen from outside."""
    return [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == "postgres" and process.info["cwd"] == str(folder / "data")
    ]


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().split()[0])


def test_start_gives_an_empty_quarterdeck_database(folder: Path) -> None:
    url = embedded.start(folder)
    assert ask(url, "SELECT current_database()") == "quarterdeck"
    assert str(ask(url, "SHOW server_version")).startswith("18.")
    assert ask(url, "SHOW max_connections") == "200"
    assert ask(url, "SHOW jit") == "off"
    assert ask(url, "SHOW listen_addresses") == ""


def test_second_start_finds_the_running_server(folder: Path) -> None:
    embedded.start(folder)
    first = postmaster(folder)
    embedded.start(folder)
    assert postmaster(folder) == first


def test_starts_at_the_same_time_make_one_server(folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        urls = set(pool.map(embedded.start, [folder] * 4))
    assert len(urls) == 1
    assert len([process for process in servers(folder) if process.pid == postmaster(folder)]) == 1


def test_stop_leaves_no_process_and_keeps_the_data(folder: Path) -> None:
    keep_seven(embedded.start(folder))
    assert servers(folder)
    embedded.stop(folder)
    assert servers(folder) == []
    assert ask(embedded.start(folder), "SELECT value FROM kept") == 7


def test_stop_without_a_server_does_nothing(folder: Path) -> None:
    embedded.stop(folder)
    assert not folder.exists()


def test_killed_server_does_not_block_the_next_start(folder: Path) -> None:
    keep_seven(embedded.start(folder))
    os.kill(postmaster(folder), signal.SIGKILL)
    assert ask(embedded.start(folder), "SELECT value FROM kept") == 7


def test_pid_file_that_names_a_stranger_is_stale(folder: Path) -> None:
    embedded.start(folder)
    text = (folder / "data" / "postmaster.pid").read_text()
    embedded.stop(folder)
    (folder / "data" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *text.splitlines()[1:]]) + "\n")
    assert ask(embedded.start(folder), "SELECT 1") == 1


def test_half_made_cluster_is_made_again(folder: Path) -> None:
    (folder / "data" / "base").mkdir(parents=True)
    assert ask(embedded.start(folder), "SELECT 1") == 1


def test_long_path_gets_a_short_socket(own_folder: Path) -> None:
    place = own_folder / ("long" * 30) / "postgres"
    try:
        url = embedded.start(place)
        assert ask(url, "SHOW data_directory") == str(place / "data")
    finally:
        embedded.stop(place)
    assert servers(place) == []
    assert not Path(url.partition("?host=")[2]).exists()


def test_works_below_a_folder_that_only_its_owner_enters(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    (own_folder / "private").mkdir(mode=0o700)
    place = own_folder / "private" / "postgres"
    try:
        assert ask(embedded.start(place), "SELECT 1") == 1
        assert place.stat().st_mode & 0o077 == 0
    finally:
        embedded.stop(place)


def test_server_that_cannot_start_says_why(folder: Path) -> None:
    embedded.start(folder)
    embedded.stop(folder)
    (folder / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(Unavailable, match="embedded PostgreSQL failed"):
        embedded.start(folder)

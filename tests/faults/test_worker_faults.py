"""What a killed worker and a restarted server leave behind: every job's effect once, and processes that go on."""

import os
import signal
import time

import psycopg
import pytest
from sqlalchemy import create_engine, text

from core.kernel import crypto, db
from core.kernel.settings import settings
from tests.conftest import migrate
from tests.jobs import sample  # noqa: F401  (registers the tasks that the processes run)
from tests.jobs.processes import Process, ended, until
from tests.jobs.test_processes import enqueue
from tests.postgres import server


def made(committed_raw) -> dict[str, int]:
    return {row.name: row.count for row in committed_raw("SELECT name, count(*) FROM tenant GROUP BY name")}


def test_jobs_of_a_killed_worker_resume_within_60_s_with_effect_once(committed_db, committed_raw, tmp_path):
    """Some are killed before their effect, some after it."""
    names = [f"before-{n}" for n in range(2)] + [f"after-{n}" for n in range(2)]
    first = Process(tmp_path, committed_db, "worker")
    with ended(first):
        for name in names:
            enqueue("sample.slow", name=name, **({"before_s": 3} if name.startswith("before") else {"after_s": 60}))
        until(lambda: len(made(committed_raw)) == 2, within_s=60)
        first.kill()
    killed = time.monotonic()
    second = Process(tmp_path, committed_db, "worker")
    with ended(second):
        until(
            lambda: committed_raw("SELECT count(*) FROM job_run WHERE outcome = 'succeeded'")[0].count == 4, within_s=60
        )
        assert time.monotonic() - killed < 60
        assert second.stop() == 0
    assert made(committed_raw) == dict.fromkeys(names, 1)
    assert sorted((tmp_path / "sample.log").read_text().split("\n")) == sorted(
        [""] + [f"{n} {a}" for n in names for a in (1, 2)]
    )
    outcomes = committed_raw("SELECT outcome, count(*) FROM job_run GROUP BY outcome ORDER BY outcome")
    assert [tuple(row) for row in outcomes] == [("lost", 4), ("succeeded", 4)]


def test_a_worker_that_hangs_and_wakes_does_no_harm(committed_db, committed_raw, tmp_path):
    """Its job was given to another; what it does when it wakes is not done twice."""
    first = Process(tmp_path, committed_db, "worker", SAMPLE_SILENCE="5")
    with ended(first):
        enqueue("sample.slow", name="mine", before_s=2)
        until((tmp_path / "sample.log").exists, within_s=60)
        first.send(signal.SIGSTOP)
        second = Process(tmp_path, committed_db, "worker", SAMPLE_SILENCE="5")
        with ended(second):
            until(lambda: made(committed_raw), within_s=60)
            first.send(signal.SIGCONT)
            time.sleep(4)
            enqueue("sample.slow", name="later")
            until(lambda: "later" in made(committed_raw), within_s=60)
            assert (first.stop(), second.stop()) == (0, 0)
    assert made(committed_raw) == {"mine": 1, "later": 1}


@pytest.fixture
def own_server(monkeypatch):
    """A server of the test's own, which it may restart; (server, url)."""
    with server(os.environ.get("TEST_PG", "18")) as own:
        url = own.url("postgres")
        migrate(url)
        monkeypatch.setenv("DATABASE_URL", url)
        for cached in (settings.cache_clear, crypto.keys.cache_clear, db.forget_engines):
            cached()
        yield own, url
        db.forget_engines()


def test_processes_survive_a_restart_of_the_server(own_server, tmp_path):
    """Jobs that were running when the server went away are done once, and ticks go on."""
    own, url = own_server

    def value(statement: str) -> object:
        engine = create_engine(url)
        with engine.connect() as connection:
            found = connection.execute(text(statement)).scalar()
        engine.dispose()
        return found

    worker, clock = Process(tmp_path, url, "worker", SAMPLE_POLL="600"), Process(tmp_path, url, "scheduler")
    with ended(worker, clock):
        until(lambda: value("SELECT count(*) FROM job_run WHERE task = 'sample.tick'"), within_s=60)
        enqueue("sample.slow", name="through", before_s=2)
        until((tmp_path / "sample.log").exists, within_s=60)
        own.stop()
        time.sleep(3)
        own.start()
        db.forget_engines()
        ticks = value("SELECT count(*) FROM schedule_run")
        until(lambda: value("SELECT count(*) FROM schedule_run") > ticks, within_s=60)
        until(lambda: value("SELECT count(*) FROM tenant WHERE name = 'through'"), within_s=60)
        doing = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND task_name = 'sample.slow'"
        until(lambda: value(doing) == 0, within_s=60)
        assert value("SELECT count(*) FROM tenant") == 1
        assert value("SELECT count(*) FROM tenant WHERE name = 'through'") == 1
        for name in ("announced-1", "announced-2", "announced-3", "announced-4"):
            enqueue("sample.slow", name=name)
            made_one = f"SELECT count(*) FROM tenant WHERE name = '{name}'"
            until(lambda query=made_one: value(query), within_s=60)  # it listens again: looking is far off
            time.sleep(0.3)
        alive = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '6 s'"
        assert value(alive) == 1
        assert worker.process.poll() is None, "it waited for the server and was not replaced"
        assert (worker.stop(), clock.stop()) == (0, 0)


def test_stop_without_a_database_is_a_clean_stop(own_server, tmp_path):
    own, url = own_server
    jobs = Process(tmp_path, url, module="jobs")
    with ended(jobs):
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            kinds = "SELECT count(DISTINCT kind) FROM process_heartbeat"
            until(lambda: connection.execute(kinds).fetchone() == (2,), within_s=60)
        own.stop()
        time.sleep(1)
        assert jobs.stop(25) == 0
        own.start()

"""Monitors through outages of what they watch, and through stops, freezes and kills of the workers that check."""

import signal
import time

import pytest

from core.health.monitors import actions, queries
from core.health.monitors.rules import SILENCE
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from tests.core.health.monitors.servers import website
from tests.jobs.processes import Process, ended, until

SYSTEM = Actor.system("tests")
INTERVAL_S, RETRY_S, TIMEOUT_S = 10, 5, 2


@pytest.fixture
def site(committed_db):
    with website() as one:
        yield one


@pytest.fixture
def monitor(site):
    settings = {"url": site.url("/healthz")}
    return actions.create(
        SYSTEM, name="Site", kind="http", settings=settings, allows_private=True, interval_s=INTERVAL_S, timeout_s=TIMEOUT_S,
        retries=1, retry_interval_s=RETRY_S,
    ).monitor  # fmt: skip


def state(monitor) -> str:
    return queries.one(SYSTEM, monitor.id)["state"]


def strip(monitor) -> list[str]:
    return list(queries.changes(SYSTEM, monitor.id, since=monitor.created_at, until=utc_now())["state"])


def test_a_server_that_stops_is_down_within_interval_and_retries_and_up_again_when_it_is(
    site, monitor, committed_db, committed_raw, tmp_path
):
    with ended(worker := Process(tmp_path, committed_db, "worker")):
        until(lambda: state(monitor) == "up", within_s=60)
        site.stop()
        until(lambda: state(monitor) == "down", within_s=60)
        site.start()
        until(lambda: state(monitor) == "up", within_s=INTERVAL_S + TIMEOUT_S + 60)
        assert worker.stop() == 0
    told = committed_raw("SELECT payload FROM event WHERE type = 'monitors.change_state' ORDER BY occurred_at")
    assert [(one.payload["previous"], one.payload["state"]) for one in told] == [("up", "down"), ("down", "up")]
    assert strip(monitor) == ["unknown", "up", "down", "up"]


def test_while_no_worker_runs_nothing_is_known_and_the_time_is_not_counted(
    site, monitor, committed_db, committed_raw, tmp_path
):
    with ended(first := Process(tmp_path, committed_db, "worker")):
        until(lambda: state(monitor) == "up", within_s=60)
        until(lambda: committed_raw("SELECT count(*) AS n FROM monitor_check")[0].n > 1, within_s=60)  # up for a while
        first.kill()
    until(lambda: state(monitor) == "unknown", within_s=SILENCE.total_seconds() + 60)
    assert queries.checker(SYSTEM).problem == "no checker runs"
    assert strip(monitor)[-1] == "unknown"
    with ended(second := Process(tmp_path, committed_db, "worker")):
        until(lambda: state(monitor) == "up", within_s=60)
        assert second.stop() == 0
    assert strip(monitor) == ["unknown", "up", "unknown", "up"]
    assert committed_raw("SELECT count(*) AS n FROM checker_gap WHERE cause = 'no checker ran'")[0].n == 1
    assert committed_raw("SELECT count(*) AS n FROM monitor_check WHERE state <> 'up'")[0].n == 0
    observed = committed_raw("SELECT sum(seconds) AS s, count(*) AS n FROM monitor_check")[0]
    assert observed.s <= observed.n * INTERVAL_S, "no check stands for the time in which nobody looked"


def test_a_worker_that_is_frozen_says_nothing_of_the_time_when_it_wakes(
    site, monitor, committed_db, committed_raw, tmp_path
):
    with ended(worker := Process(tmp_path, committed_db, "worker")):
        until(lambda: state(monitor) == "up", within_s=60)
        until(lambda: committed_raw("SELECT count(*) AS n FROM monitor_check")[0].n > 1, within_s=60)  # up for a while
        worker.send(signal.SIGSTOP)
        until(lambda: state(monitor) == "unknown", within_s=SILENCE.total_seconds() + 60)
        worker.send(signal.SIGCONT)
        until(lambda: state(monitor) == "up", within_s=60)
        until(lambda: committed_raw("SELECT FROM checker_gap"), within_s=60)
        assert worker.stop() == 0
    assert strip(monitor) == ["unknown", "up", "unknown", "up"]
    assert committed_raw("SELECT count(*) AS n FROM monitor_check WHERE state <> 'up'")[0].n == 0


def host_and_pid(committed_raw) -> int | None:
    rows = committed_raw("SELECT pid FROM checker_run WHERE ended_at IS NULL")
    return rows[0].pid if rows else None


def test_when_the_worker_that_checks_is_killed_another_one_takes_over(
    site, monitor, committed_db, committed_raw, tmp_path
):
    first, second = (Process(tmp_path, committed_db, "worker") for _ in range(2))
    with ended(first, second):
        until(lambda: state(monitor) == "up", within_s=60)
        active = first if host_and_pid(committed_raw) == first.pid else second
        other = second if active is first else first
        assert host_and_pid(committed_raw) == active.pid
        active.kill()
        until(lambda: host_and_pid(committed_raw) == other.pid, within_s=60)
        before = len(site.requests)
        until(lambda: len(site.requests) > before, within_s=INTERVAL_S + 60)
        assert other.stop() == 0
    assert committed_raw("SELECT count(*) AS n FROM event WHERE type = 'monitors.change_state'")[0].n == 0


def test_a_frozen_worker_is_deposed_by_another_and_stores_nothing_more(
    site, monitor, committed_db, committed_raw, tmp_path
):
    with ended(first := Process(tmp_path, committed_db, "worker")):
        until(lambda: state(monitor) == "up", within_s=60)
        first.send(signal.SIGSTOP)
        with ended(second := Process(tmp_path, committed_db, "worker")):
            until(lambda: host_and_pid(committed_raw) == second.pid, within_s=SILENCE.total_seconds() + 60)
            until(lambda: state(monitor) == "up", within_s=INTERVAL_S + 60)
            first.send(signal.SIGCONT)
            time.sleep(4)
            assert host_and_pid(committed_raw) == second.pid
            assert second.stop() == 0
    assert committed_raw("SELECT count(*) AS n FROM monitor_check WHERE state = 'down'")[0].n == 0

"""The clock's processes: one leads, another takes over, a worker works and stops, a supervisor replaces and ends it."""

import os
import signal
import socket
import time
from datetime import UTC, datetime, timedelta

import psutil
import psycopg
import pytest

from core.kernel import db
from core.kernel.actor import Actor
from core.kernel.tasks import Schedule, enqueue_on
from core.kernel.telemetry import record
from jobs import clock
from tests.jobs import sample  # noqa: F401  (registers the tasks that the processes run)
from tests.jobs.processes import Process, ended, until


def enqueue(task_name: str, **arguments: object) -> int:
    with record(Actor.system("test")) as tx:
        job_id = enqueue_on(db.driver(tx.session), task_name, request_id="req-of-test", arguments=arguments)
    assert job_id is not None
    return job_id


@pytest.fixture
def leader(committed_raw):
    def pid() -> int | None:
        rows = committed_raw(
            "SELECT pid FROM process_heartbeat WHERE kind = 'scheduler' AND is_leader AND stopped_at IS NULL"
            " ORDER BY seen_at DESC LIMIT 1"
        )
        return rows[0].pid if rows else None

    return pid


@pytest.fixture
def ticked(committed_raw):
    def count() -> int:
        return committed_raw("SELECT count(*) FROM schedule_run WHERE schedule = 'sample.tick'")[0].count

    return count


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_the_other_scheduler_takes_over_and_no_tick_is_taken_twice(
    committed_db, committed_raw, leader, ticked, tmp_path, how
):
    both = [Process(tmp_path, committed_db, "scheduler") for _ in range(2)]
    with ended(*both):
        until(lambda: ticked() >= 2, within_s=60)
        first = next(one for one in both if one.pid == leader())
        second = next(one for one in both if one is not first)
        first.send(how)
        before = ticked()
        until(lambda: leader() == second.pid and ticked() > before, within_s=60)
        if how == signal.SIGSTOP:
            first.send(signal.SIGCONT)
        time.sleep(2.5)
        runs = committed_raw("SELECT due_at, job_id FROM schedule_run WHERE schedule = 'sample.tick' ORDER BY due_at")
        assert len({row.due_at for row in runs}) == len(runs)
        assert leader() == second.pid
        assert second.stop() == 0
    assert committed_raw("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'sample.tick'")[0].count == 1


def test_a_leader_frozen_in_the_midst_of_a_tick_does_not_hold_up_the_next(
    committed_db, committed_raw, leader, tmp_path
):
    first = Process(tmp_path, committed_db, "scheduler")
    with ended(first):
        until(lambda: leader() == first.pid, within_s=60)
        first.send(signal.SIGSTOP)
        name = db.process_name(socket.gethostname(), first.pid)
        address = committed_db.replace("postgresql+psycopg://", "postgresql://", 1)
        with psycopg.connect(address, application_name=name) as tick:  # as its pool would have been left
            tick.execute("UPDATE schedule_state SET said_at = now()")
            second = Process(tmp_path, committed_db, "scheduler")
            with ended(second):
                until(lambda: leader() == second.pid, within_s=60)
                begun = committed_raw("SELECT now()")[0].now
                missed = "SELECT count(*) FROM schedule_run WHERE schedule = 'sample.tick' AND ticked_at > :begun"
                until(lambda: committed_raw(missed, begun=begun)[0].count, within_s=60)
                assert "statement timeout" not in second.log.read_text()
                with pytest.raises(psycopg.OperationalError):
                    tick.execute("SELECT 1")


def test_missed_ticks_become_one(committed_db, committed_raw, tmp_path):
    """Nobody led for three days: the daily job is queued once, for the last time it was due, and not for the others."""
    last_said = (
        "date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '3 days' + interval '160 min'"
    )
    committed_raw(f"INSERT INTO schedule_state VALUES ('queue.clean_up', {last_said}, now() - interval '4 days')")
    runs = "SELECT due_at, job_id FROM schedule_run WHERE schedule = 'queue.clean_up'"
    leading = Process(tmp_path, committed_db, "scheduler")
    with ended(leading):
        until(
            lambda: committed_raw("SELECT count(*) FROM schedule_run WHERE schedule = 'sample.tick'")[0].count,
            within_s=60,
        )
    made = committed_raw(runs)
    assert len(made) == 1
    assert timedelta() <= datetime.now(UTC) - made[0].due_at < timedelta(days=1)
    assert made[0].due_at.astimezone(UTC).strftime("%H:%M") == "02:40"
    said = "SELECT next_due_at - now() AS ahead FROM schedule_state WHERE schedule = 'queue.clean_up'"
    assert timedelta() < committed_raw(said)[0].ahead <= timedelta(days=1)


def test_every_leader_finds_the_same_moments():
    minute = clock.trigger_of(Schedule("x", "x", 60, None))
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert clock.next_after(minute, noon + timedelta(seconds=1.5)) == noon + timedelta(seconds=60)
    assert clock.next_after(minute, noon) == noon + timedelta(seconds=60)
    assert clock.missed(minute, noon, noon + timedelta(minutes=7, seconds=5)) == noon + timedelta(minutes=7)
    assert clock.missed(minute, noon, noon) == noon
    assert clock.missed(minute, noon + timedelta(seconds=1), noon) is None
    daily = clock.trigger_of(Schedule("x", "x", None, "30 2 * * *"))
    assert clock.next_after(daily, noon) == datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    assert clock.missed(daily, noon - timedelta(days=4, hours=9.5), noon) == datetime(2026, 3, 1, 2, 30, tzinfo=UTC)


def test_worker_runs_fails_limits_and_stops_in_good_order(committed_db, committed_raw, tmp_path):
    worker = Process(tmp_path, committed_db, "worker", SAMPLE_POLL="600")
    with ended(worker):
        enqueue("sample.slow", name="done")
        enqueue("sample.fail", sentence="as asked")
        enqueue("sample.dawdle")
        until(lambda: committed_raw("SELECT count(*) FROM job_run")[0].count == 3, within_s=60)
        runs = {row.task: row for row in committed_raw("SELECT * FROM job_run")}
        assert runs["sample.slow"].outcome == "succeeded"
        assert runs["sample.slow"].request_id == "req-of-test"
        assert committed_raw("SELECT request_id FROM audit_entry")[0].request_id == "req-of-test"
        assert (runs["sample.fail"].outcome, runs["sample.fail"].error) == ("retrying", "ValueError: as asked")
        assert runs["sample.dawdle"].error.startswith("It took longer than 0.5 s")
        dawdled = "SELECT status FROM procrastinate_jobs WHERE task_name = 'sample.dawdle'"
        until(lambda: committed_raw(dawdled)[0].status == "failed", within_s=60)
        enqueue("sample.slow", name="last", before_s=1)  # announced: looking is far off
        until(lambda: "last" in (tmp_path / "sample.log").read_text(), within_s=60)
        assert worker.stop() == 0
    assert committed_raw("SELECT count(*) FROM tenant WHERE name = 'last'")[0].count == 1, "it was given time to end"
    assert committed_raw("SELECT stopped_at FROM process_heartbeat")[0].stopped_at is not None


def test_a_job_that_outlasts_the_stop_is_queued_again(committed_db, committed_raw, tmp_path):
    worker = Process(tmp_path, committed_db, "worker")
    with ended(worker):
        job_id = enqueue("sample.slow", name="long", before_s=30)
        until((tmp_path / "sample.log").exists, within_s=60)
        assert worker.stop() == 0
    job = committed_raw("SELECT status, attempts FROM procrastinate_jobs WHERE id = :id", id=job_id)[0]
    assert tuple(job) == ("todo", 1)
    assert committed_raw("SELECT outcome FROM job_run")[0].outcome == "interrupted"


def children(pid: int) -> list[psutil.Process]:
    return [one for one in psutil.Process(pid).children() if "worker" in one.cmdline()]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_supervisor_leaves_no_worker_behind(committed_db, committed_raw, tmp_path, how):
    jobs = Process(tmp_path, committed_db, module="jobs")
    with ended(jobs):
        until(lambda: committed_raw("SELECT count(DISTINCT kind) FROM process_heartbeat")[0].count == 2, within_s=60)
        worker = children(jobs.pid)[0]
        jobs.send(how)
        assert jobs.process.wait(60) == (0 if how != signal.SIGKILL else -signal.SIGKILL)
        until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE, within_s=60)
    if how != signal.SIGKILL:
        stopped = committed_raw("SELECT count(*) FROM process_heartbeat WHERE stopped_at IS NOT NULL")
        assert stopped[0].count == 2


def test_supervisor_waits_before_it_replaces_a_dead_worker(committed_db, committed_raw, tmp_path, monkeypatch):
    from jobs import supervisor

    moment = [1000.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: moment[0])
    child = supervisor.WorkerChild()
    child.look()
    first = child._process
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    first.wait(60)
    child.look()
    moment[0] += 29
    child.look()
    assert child._process is None
    moment[0] += 2
    child.look()
    assert child._process is not None
    assert child._process.pid != first.pid
    child.stop()

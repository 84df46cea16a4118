"""Schedules, runs and the queue: what people may do with them and what they see."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from procrastinate.schema import SchemaManager

from core.kernel import dispatch, events
from core.kernel.actor import Actor
from core.kernel.db import driver
from core.kernel.errors import Denied, Invalid, Maintenance, NotFound, Unavailable
from core.kernel.models import uuid7
from core.kernel.tasks import RunningJob, Schedule, enqueue_on, every, once_per_job, schedules, task, task_of, tasks
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.kernel.writes import write
from core.platform.queue import actions as queue_actions
from core.platform.queue import queries as queue
from core.platform.queue import recovery
from core.platform.queue import tasks as housekeeping
from core.platform.queue.beats import Heart
from core.platform.queue.running import Attempt, keep_run, may_try_again
from core.platform.schedules import actions, queries, rules, ticks

SEAL = "audit.seal"


@task("test.echo", retry=2)
def echo(actor: Actor, *, word: str) -> None:
    if word == "bad":
        raise ValueError("a bad word")


def enqueue(system: Actor, **arguments: object) -> int:
    with record(system) as tx:
        job_id = enqueue_on(driver(tx.session), "test.echo", request_id="req-1", arguments=arguments)
    assert job_id is not None
    return job_id


def status(raw, job_id: int) -> str:
    return raw("SELECT status FROM procrastinate_jobs WHERE id = :id", id=job_id)[0].status


def test_enqueue_is_part_of_the_transaction(db, raw, system):
    with pytest.raises(ZeroDivisionError), write(system, "tenants.update_many") as tx:
        tx.enqueue("test.echo", word="never")
        1 / 0  # noqa: B018
    assert raw("SELECT count(*) FROM procrastinate_jobs")[0].count == 0
    with write(system, "tenants.update_many") as tx:
        tx.enqueue("test.echo", word="yes", priority=3)
    job = raw("SELECT * FROM procrastinate_jobs")[0]
    assert (job.task_name, job.priority, job.status) == ("test.echo", 3, "todo")
    assert job.args == {"word": "yes", "_request_id": system.request_id}


def test_enqueue_refuses_what_cannot_be_run(db, system):
    for arguments, sentence in (
        ({"word": datetime.now(UTC)}, "JSON"),
        ({"word": "x", "wrod": "x"}, "wrod"),
        ({}, "word"),
    ):
        with pytest.raises(TypeError, match=sentence), record(system) as tx:
            enqueue_on(driver(tx.session), "test.echo", request_id="r", arguments=arguments)
    with pytest.raises(LookupError, match="not a task"), record(system) as tx:
        enqueue_on(driver(tx.session), "test.none", request_id="r", arguments={})


def test_anybody_may_enqueue_in_an_action_but_not_see_the_queue(db, raw, actor_of):
    actor = actor_of("admin", grants=frozenset({"tenants:update"}))
    with write(actor, "tenants.update_many") as tx:
        tx.enqueue("test.echo", word="x")
        assert tx.session.connection().exec_driver_sql("SELECT count(*) FROM procrastinate_jobs").scalar() == 0
    assert raw("SELECT count(*) FROM procrastinate_jobs")[0].count == 1
    with pytest.raises(Denied):
        queue.depth(actor)


def test_a_key_waits_once(db, raw, system):
    for _ in range(3):
        with write(system, "tenants.update_many") as tx:
            tx.enqueue("test.echo", key="only", word="x")
    assert raw("SELECT count(*) FROM procrastinate_jobs")[0].count == 1


def test_names_are_unique_and_schedules_are_well_formed():
    with pytest.raises(ValueError, match="Two tasks"):
        task("test.echo")(lambda actor: None)
    with pytest.raises(ValueError, match="either seconds or cron"):
        every("test.never")
    assert {SEAL, "queue.clean_up", "kernel.partitions"} <= set(schedules())
    assert all(schedule.task in tasks() for schedule in schedules().values())
    with pytest.raises(LookupError):
        once_per_job()


def test_a_tick_is_taken_once_and_queues_one_job(db, raw, system):
    due = datetime(2026, 1, 1, tzinfo=UTC)
    schedule = schedules()[SEAL]
    assert ticks.tick(schedule, due, due + timedelta(minutes=1))
    assert not ticks.tick(schedule, due, None)
    assert ticks.tick(schedule, due + timedelta(minutes=1), None)
    rows = raw("SELECT due_at, job_id FROM schedule_run ORDER BY due_at")
    assert [row.job_id is None for row in rows] == [False, True], "the second tick finds the first job still waiting"
    assert raw("SELECT count(*) FROM procrastinate_jobs")[0].count == 1
    assert raw("SELECT next_due_at FROM schedule_state")[0].next_due_at == due + timedelta(minutes=1)


def test_pause_stops_ticks_and_resume_lets_them_through(db, raw, actor_of):
    developer, due = actor_of("developer"), datetime(2026, 1, 1, tzinfo=UTC)
    actions.pause(developer, SEAL)
    assert not ticks.tick(schedules()[SEAL], due, None)
    with pytest.raises(Invalid, match="paused already"):
        actions.pause(developer, SEAL)
    overview = queries.jobs_overview(developer).set_index("name")
    assert overview.loc[SEAL, "paused_at"] is not None
    actions.resume(developer, SEAL)
    assert ticks.tick(schedules()[SEAL], due, None)
    with pytest.raises(Invalid, match="not paused"):
        actions.resume(developer, SEAL)
    told = raw("SELECT action, actor_id FROM audit_entry ORDER BY occurred_at")
    assert [row.action for row in told] == ["jobs.pause", "jobs.resume"]
    assert {row.actor_id for row in told} == {developer.operator_id}


def test_run_now_queues_one_job_and_is_audited(db, raw, actor_of):
    developer = actor_of("developer")
    job_id = actions.run_now(developer, SEAL)
    assert raw("SELECT asked_by, job_id FROM schedule_run")[0] == (developer.operator_id, job_id)
    assert raw("SELECT args FROM procrastinate_jobs")[0].args["_request_id"] == developer.request_id
    assert raw("SELECT action, details FROM audit_entry")[0] == ("jobs.run_now", {"schedule": SEAL, "job_id": job_id})
    with pytest.raises(Invalid, match="waits in the queue already"):
        actions.run_now(developer, SEAL)
    with pytest.raises(NotFound):
        actions.run_now(developer, "no.such")


def test_jobs_are_refused_without_the_permission(db, raw, actor_of, system):
    job_id = enqueue(system, word="x")
    support = actor_of("support")
    attempts = (
        lambda: actions.run_now(support, SEAL), lambda: actions.pause(support, SEAL), lambda: actions.resume(support, SEAL),
        lambda: queue_actions.cancel(support, job_id), lambda: queue_actions.retry(support, job_id),
        lambda: queue_actions.retry_event(support, "x", uuid7()), lambda: queries.jobs_overview(support),
        lambda: queue.runs(support, SEAL), lambda: queue.failed(support), lambda: queue.waiting(support),
    )  # fmt: skip
    for attempt in attempts:
        with pytest.raises(Denied):
            attempt()
    assert status(raw, job_id) == "todo"
    assert raw("SELECT count(*) FROM audit_entry WHERE outcome = 'denied'")[0].count == 6


def test_cancel_and_retry_go_only_where_they_make_sense(db, raw, actor_of, system):
    developer, job_id = actor_of("developer"), enqueue(system, word="x")
    with pytest.raises(Invalid, match="waits"):
        queue_actions.retry(developer, job_id)
    queue_actions.cancel(developer, job_id)
    assert status(raw, job_id) == "cancelled"
    with pytest.raises(Invalid, match="was cancelled"):
        queue_actions.cancel(developer, job_id)
    raw("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :id", id=job_id)
    queue_actions.retry(developer, job_id)
    assert status(raw, job_id) == "todo"
    with pytest.raises(NotFound):
        queue_actions.cancel(developer, 0)
    assert raw("SELECT count(*) FROM audit_entry")[0].count == 2


def test_a_run_is_kept_with_its_request_and_its_error(db, raw, actor_of):
    Attempt(7, "test.echo", 0, {"word": "good", "_request_id": "req-7"}).perform()
    for before in (0, 2):
        with pytest.raises(ValueError, match="bad word"):
            Attempt(8, "test.echo", before, {"word": "bad"}).perform()
    rows = raw("SELECT job_id, attempt, outcome, error FROM job_run ORDER BY started_at")
    assert [tuple(row) for row in rows] == [
        (7, 1, "succeeded", None),
        (8, 1, "retrying", "ValueError: a bad word"),
        (8, 3, "failed", "ValueError: a bad word"),
    ]
    overview = queries.jobs_overview(actor_of("developer")).set_index("name").loc["test.echo"]
    assert (overview["outcome"], overview["failures"], overview["schedule"]) == ("failed", 2, "when asked")
    assert queue.runs(actor_of("developer"), "test.echo")["request_id"].iloc[-1] == "req-7"


def test_overview_knows_what_never_ran_as_unknown(db, actor_of):
    overview = queries.jobs_overview(actor_of("developer"))
    assert set(overview["name"]) >= {SEAL, "queue.clean_up", "tenants.send_notice"}
    assert overview["last_run_at"].isna().all()
    assert overview["next_due_at"].isna().all()
    assert (overview[["failures", "running", "waiting"]] == 0).all(axis=None)
    kinds = {name: str(kind) for name, kind in overview.dtypes.items()}
    assert (kinds["last_run_at"], kinds["duration"], kinds["failures"]) == (
        "datetime64[us, UTC]",
        "timedelta64[us]",
        "Int64",
    )


def test_an_unexpected_error_is_in_the_table_of_errors(db, raw):
    with pytest.raises(ValueError, match="bad word"):
        Attempt(8, "test.echo", 2, {"word": "bad", "_request_id": "req-8"}).perform()
    row = raw("SELECT route, request_id, message FROM error_record")[0]
    assert tuple(row) == ("job test.echo", "req-8", "a bad word")


def test_what_is_no_fault_of_the_job_is_tried_again():
    once, patient = task_of("kernel.partitions"), task_of("tenants.send_notice")
    lost = Unavailable("The database does not answer.")
    lost.__cause__ = psycopg.OperationalError("server closed the connection unexpectedly")
    assert may_try_again(once, 3, lost)
    assert not may_try_again(once, 5, lost), "a job that takes the server down is not run for ever"
    assert not may_try_again(once, 3, Unavailable("The mail server does not answer."))
    assert may_try_again(patient, 4, Unavailable("The mail server does not answer."))
    assert may_try_again(once, 100, Maintenance("The portal is in maintenance."))
    assert not may_try_again(once, 3, psycopg.errors.DeadlockDetected("deadlock detected"))


def test_an_error_with_characters_that_cannot_be_stored_is_kept(db, raw):
    keep_run(RunningJob(1, "t", 1, None, "r"), "failed", "a\0b\ud800c", started_at=utc_now())
    assert raw("SELECT error FROM job_run")[0].error == "a\N{REPLACEMENT CHARACTER}b?c"


def test_the_queues_schema_is_that_of_the_installed_version():
    """A new version of Procrastinate brings migrations of its own: add them as one of ours."""
    known = Path("migrations/sql/procrastinate-3.10.sql").read_text()
    assert SchemaManager.get_schema() == known


def test_depth_counts_what_is_due(db, raw, actor_of, system):
    developer = actor_of("developer")
    assert queue.depth(developer) == queue.Depth(0, None, 0)
    late, running, later = (enqueue(system, word="x") for _ in range(3))
    raw("UPDATE procrastinate_jobs SET scheduled_at = now() - interval '90 s' WHERE id = :id", id=late)
    raw("UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 h' WHERE id = :id", id=later)
    raw("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id", id=running)
    assert queue.depth(developer) == queue.Depth(1, timedelta(seconds=90), 1)
    assert list(queue.waiting(developer)["job_id"]) == [running, late, later]


def test_lost_jobs_are_queued_again_and_given_up_at_the_third_loss(db, raw, actor_of, system):
    job_id = enqueue(system, word="x")
    for loss in (1, 2, 3):
        raw("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = :id", id=job_id)
        assert recovery.recover() == 1
        assert status(raw, job_id) == ("failed" if loss == 3 else "todo")
    assert [row.outcome for row in raw("SELECT outcome FROM job_run")] == ["lost"] * 3
    assert "Given up" in queue.failed(actor_of("developer"))["error"].iloc[0]


def test_a_living_workers_job_is_not_taken_away(db, raw, system):
    job_id = enqueue(system, word="x")
    worker_id = raw("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")[0].id
    raw("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :w WHERE id = :id", id=job_id, w=worker_id)
    assert recovery.recover() == 0
    assert recovery.doing_of(worker_id) == {job_id}
    raw("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '21 s'")
    assert recovery.recover() == 1
    assert status(raw, job_id) == "todo"


def test_a_retried_job_does_not_block_a_newer_one_of_its_key(db, raw, system):
    def queue_one() -> None:
        with write(system, "tenants.update_many") as tx:
            tx.enqueue("test.echo", key="only", word="x")

    queue_one()
    raw("UPDATE procrastinate_jobs SET status = 'doing'")
    queue_one()
    raw("UPDATE procrastinate_jobs SET status = 'todo' WHERE status = 'doing'")
    assert [row.status for row in raw("SELECT status FROM procrastinate_jobs")] == ["todo", "todo"]


def test_clean_up_keeps_what_may_still_be_asked_for(db, raw, system):
    old, fresh, broken = (enqueue(system, word="x") for _ in range(3))
    raw("UPDATE procrastinate_jobs SET status = 'succeeded'")
    raw("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = :id", id=broken)
    raw("UPDATE procrastinate_events SET at = now() - interval '2 days' WHERE job_id <> :id", id=fresh)
    Heart("worker").beat()
    keep_run(RunningJob(1, "t", 1, None, "r"), "failed", "x", started_at=utc_now())
    raw("UPDATE job_run SET finished_at = now() - interval '31 days'")
    housekeeping.clean_up(system)
    assert {row.id for row in raw("SELECT id FROM procrastinate_jobs")} == {fresh, broken}
    assert raw("SELECT count(*) FROM job_run")[0].count == 0
    assert raw("SELECT count(*) FROM process_heartbeat")[0].count == 1
    assert old not in {fresh, broken}


def test_partitions_are_made_ahead(db, raw, system):
    raw("DROP TABLE " + raw("SELECT max(inhrelid::regclass::text) AS name FROM pg_inherits JOIN pg_class p ON p.oid = inhparent"
                            " WHERE p.relname = 'audit_entry'")[0].name)  # fmt: skip
    housekeeping.make_partitions(system)
    month = (utc_now() + timedelta(days=40)).strftime("audit_entry_%Y%m")
    assert raw("SELECT to_regclass(:name) AS found", name=month)[0].found is not None


def test_heartbeat_shows_age_leader_and_a_stop_on_purpose(db, raw, actor_of):
    heart = Heart("scheduler")
    heart.beat(is_leader=True)
    raw("UPDATE process_heartbeat SET seen_at = seen_at - interval '40 s'")
    row = queue.processes(actor_of("support")).iloc[0]
    assert (row["kind"], row["is_leader"], row["silent_for"]) == ("scheduler", True, timedelta(seconds=40))
    heart.beat(stopped=True)
    row = queue.processes(actor_of("support")).iloc[0]
    assert row["stopped_at"] == row["seen_at"]
    assert not row["is_leader"]


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (Schedule("x", "x", 1, None), "every second"),
        (Schedule("x", "x", 30, None), "every 30 seconds"),
        (Schedule("x", "x", 60, None), "every minute"),
        (Schedule("x", "x", 90, None), "every 90 seconds"),
        (Schedule("x", "x", 7200, None), "every 2 hours"),
        (Schedule("x", "x", None, "40 2 * * *"), "daily at 02:40 UTC"),
        (Schedule("x", "x", None, "10 * * * *"), "hourly at minute 10"),
        (Schedule("x", "x", None, "*/5 * * * *"), "cron */5 * * * * UTC"),
        (None, "when asked"),
    ],
)
def test_schedules_in_words(schedule, words):
    assert rules.in_words(schedule) == words


def test_pauses_between_attempts_at_an_event_grow_to_an_hour():
    pauses = [dispatch.pause_after(attempts).total_seconds() for attempts in range(1, 9)]
    assert pauses == [5, 20, 80, 320, 1280, 3600, 3600, 3600]


def test_patterns_of_subscribers():
    handler = events.Subscriber("x", ("tenants.*", "users.create"), lambda actor, event: None)
    assert handler.wants("tenants.suspend")
    assert handler.wants("users.create")
    assert not handler.wants("users.update")
    assert task_of("test.echo").retry == 2

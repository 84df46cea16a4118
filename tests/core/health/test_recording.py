"""Requests, hosts and errors are recorded, whatever happens meanwhile."""

import threading
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

import core.tasks  # noqa: F401  (declares what is kept)
from core.health.errors import queries as errors
from core.health.errors.recording import record_error
from core.health.requests import recorder as module
from core.health.requests.recorder import Recorder
from core.health.servers import queries as servers
from core.health.servers.tasks import collect_here
from core.kernel import retention
from core.kernel.errors import Denied, Unavailable
from core.kernel.retention import Retention


@pytest.fixture
def recorder(monkeypatch):
    """The recorder that `add` puts into, made for one test."""

    def make(**options) -> Recorder:
        made = Recorder(**options)
        monkeypatch.setattr(module, "_recorder", made)
        return made

    return make


def ask(route: str = "/home", status: int = 200) -> None:
    module.add(
        channel="page",
        route=route,
        method="PAGE",
        status=status,
        duration_ms=12.3456,
        request_id="r-1",
        operator_id=uuid4(),
    )


def test_every_request_is_stored_at_the_stop_at_the_latest(committed_raw, recorder):
    made = recorder()
    made.start()
    for number in range(1_203):
        ask(status=500 if number % 100 == 0 else 200)
    made.stop()
    row = committed_raw(
        "SELECT count(*) AS n, count(*) FILTER (WHERE is_error) AS errors, max(duration_ms) AS ms FROM request_record"
    )[0]
    assert (row.n, row.errors, str(row.ms)) == (1_203, 13, "12.346")
    assert (made.stored, made.dropped) == (1_203, 0)


def test_requests_beyond_the_capacity_are_dropped_counted_and_told(recorder, caplog):
    made = recorder(capacity=10)
    for _ in range(25):
        ask()
    assert made.dropped == 15
    made.stop()
    assert made.dropped == 25
    assert "dropped" in caplog.text


def test_adding_never_waits_for_the_database(recorder):
    entered, release = threading.Event(), threading.Event()

    def slow(_):
        entered.set()
        release.wait(60)

    made = recorder(save=slow)
    made.start()
    ask()
    made._wake.set()
    assert entered.wait(60)
    ask()
    assert made._waiting.qsize() == 1
    release.set()
    made.stop()
    assert made.stored == 2


def test_batch_is_kept_while_the_database_is_away(recorder):
    kept, is_away = [], [True]

    def save(rows):
        if is_away:
            is_away.pop()
            raise Unavailable("The database does not answer.")
        kept.extend(rows)

    made = recorder(save=save)
    for route in ("/one", "/two"):
        ask(route)
    left = made._flush([])
    assert [row["route"] for row in left] == ["/one", "/two"]
    ask("/three")
    assert made._flush(left) == []
    assert [row["route"] for row in kept] == ["/one", "/two", "/three"]
    assert made.dropped == 0


def test_batch_that_cannot_be_stored_at_all_is_told_and_the_next_one_is_stored(recorder):
    kept = []

    def save(rows):
        if rows[0]["route"] == "/bad":
            raise ValueError("no")
        kept.extend(rows)

    made = recorder(save=save)
    ask("/bad")
    made._flush([])
    ask("/good")
    made._flush([])
    assert ([row["route"] for row in kept], made.dropped) == (["/good"], 1)


def test_host_reports_itself_once_per_call_and_stays_one_server(db, raw, system):
    collect_here()
    collect_here()
    (server,) = servers.servers(system)
    assert server["state"] == "reporting"
    assert 0 <= server["cpu_ratio"] <= 1
    assert len(server["core_ratios"]) == server["facts"]["cores"]
    assert server["disks"][0]["mount"] == "/"
    assert 0 < server["memory_ratio"] < 1
    assert raw("SELECT count(*) AS n FROM server_metric")[0].n == 2


def test_database_is_read_once_by_several_workers(db, raw):
    collect_here()
    collect_here()
    (row,) = raw("SELECT * FROM database_metric")
    assert row.connections >= 1
    assert row.size_bytes > 1_000_000
    assert row.max_connections > row.connections


def test_host_that_was_silent_keeps_the_time_of_its_last_report(db, raw, system):
    collect_here()
    raw("UPDATE server SET last_seen_at = now() - interval '1 hour'")
    (server,) = servers.servers(system)
    assert server["state"] == "silent"
    assert server["last_seen_at"] < datetime.now(UTC) - timedelta(minutes=59)


def fail(message: str) -> None:
    try:
        raise ValueError(message)
    except ValueError as error:
        record_error(error, route="/home", request_id="r-2")


def test_errors_of_one_cause_are_one_group(db, system):
    fail("tenant 17 is odd")
    fail("tenant 18 is odd")
    try:
        raise LookupError("another")
    except LookupError as error:
        record_error(error, route="/audit")
    groups = errors.groups(system).set_index("type")
    assert groups.loc["ValueError", "errors"] == 2
    assert groups.loc["LookupError", "errors"] == 1


def test_error_with_characters_that_a_database_refuses_is_stored(db, raw):
    fail("nul \0 and surrogate \ud800")
    (row,) = raw("SELECT message, trace, request_id FROM error_record")
    assert row.message.startswith("nul ")
    assert "ValueError" in row.trace
    assert row.request_id == "r-2"


def test_errors_are_not_for_everybody(db, actor_of):
    with pytest.raises(Denied):
        errors.groups(actor_of("hotline_operator"))


def test_retention_drops_what_is_past_its_time_and_makes_what_comes(committed_raw):
    committed_raw("SELECT qd_ensure_partitions('error_record', 'day', (now() - interval '40 days')::date, now()::date)")
    before = committed_raw("SELECT count(*) AS n FROM pg_inherits WHERE inhparent = 'error_record'::regclass")[0].n
    dropped = retention.apply([Retention("error_record", "day", timedelta(days=30))])
    left = {row.name for row in committed_raw(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'error_record'::regclass"
    )}  # fmt: skip
    today = datetime.now(UTC).date()
    assert dropped == 10
    assert len(left) == before - 10
    assert f"error_record_{today - timedelta(days=30):%Y%m%d}" in left
    assert f"error_record_{today + timedelta(days=3):%Y%m%d}" in left


def test_every_table_of_events_and_rollup_that_has_partitions_has_a_policy(committed_raw):
    partitioned = {row.name for row in committed_raw(
        "SELECT partrelid::regclass::text AS name FROM pg_partitioned_table"
    )}  # fmt: skip
    ours = {name for name in partitioned if name != "audit_entry" and not name.startswith("procrastinate")}
    assert ours == {policy.table for policy in retention.policies()}

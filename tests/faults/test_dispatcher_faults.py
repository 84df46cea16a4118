"""The dispatcher: each event's effect once for each subscriber, whatever dies; nothing skipped that was in flight."""

import random
import threading
import time
from datetime import UTC, datetime

import pytest

from core.kernel import dispatch, events
from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.events import subscriber
from core.kernel.writes import write
from tests.jobs import sample
from tests.jobs.processes import Process, ended, until


@pytest.fixture(autouse=True)
def own_subscribers(monkeypatch):
    monkeypatch.setattr(events, "_subscribers", {})


def seen_by(name: str, *types: str) -> list[str]:
    """A subscriber that only keeps the names of what it was handed."""
    seen: list[str] = []

    @subscriber(*types, name=name)
    def handle(actor: Actor, event: events.Event) -> None:
        seen.append(event.payload["name"])

    return seen


def happen(name: str, system: Actor) -> None:
    with write(system, "tenants.create") as tx:
        tx.note(name=name)
        tx.add(sample.Tenant(name=name, domain=f"{name}.example", tier="pro", region="EU", seats=1))


def dispatch_until(condition, within_s: float = 60) -> None:
    """The horizon is that of the whole server: a transaction of another test may hold it back for a while."""
    until(lambda: (events.dispatch_once(), condition())[1], within_s=within_s)


def test_killed_in_a_loop_each_effect_happens_once_for_each_subscriber(committed_db, committed_raw, tmp_path, system):
    """Killed again and again in the middle of a batch, so that the next one is handed what was handled before."""
    names, moments, kills = [f"e{number}" for number in range(150)], random.Random(2), 0
    for name in names:
        happen(name, system)

    def effects() -> int:
        return committed_raw("SELECT count(*) FROM once_key")[0].count

    while kills < 5 and (before := effects()) < 2 * len(names):
        victim = Process(tmp_path, committed_db, "dispatcher")
        with ended(victim):
            until(lambda before=before: effects() > before, within_s=60, every_s=0.005)
            time.sleep(moments.random() * 0.1)
            victim.kill()
        kills += 1
    last = Process(tmp_path, committed_db, "dispatcher")
    with ended(last):
        passed = (
            "SELECT count(*) FROM event_cursor c WHERE xid = (SELECT max(xid::text::bigint)::text::xid8 FROM event)"
        )
        until(lambda: committed_raw(passed)[0].count == 2, within_s=60)
    found = {row.name: row.count for row in committed_raw("SELECT name, count(*) FROM tenant GROUP BY name")}
    assert found == dict.fromkeys([name + suffix for name in names for suffix in ("", ">a", ">b")], 1)
    assert kills >= 3
    assert committed_raw("SELECT count(*) FROM event_failure")[0].count == 0


def test_an_event_of_a_transaction_in_flight_is_waited_for(committed_db, system):
    """It has the smaller transaction id and commits later: who moves past it would never see it."""
    seen = seen_by("test.order", "tenants.create")
    happen("before", system)
    in_flight, finish = threading.Event(), threading.Event()

    def slowly() -> None:
        with write(system, "tenants.create") as tx:
            tx.note(name="first")
            tx.add(sample.Tenant(name="first", domain="first.example", tier="pro", region="EU", seats=1))
            tx.session.flush()
            in_flight.set()
            finish.wait(60)

    slow = threading.Thread(target=slowly)
    slow.start()
    in_flight.wait(60)
    happen("second", system)
    dispatch_until(lambda: seen)
    assert seen == ["before"]
    assert events.dispatch_once() == 0
    finish.set()
    slow.join()
    dispatch_until(lambda: len(seen) >= 3)
    assert seen == ["before", "first", "second"]
    assert events.dispatch_once() == 0


def test_two_dispatchers_hand_each_event_once(committed_db, system):
    """Without any idempotency key: while one is at a subscriber, the other leaves it alone."""
    seen = seen_by("test.both", "*")
    for number in range(40):
        happen(f"n{number}", system)
    threads = [threading.Thread(target=dispatch_until, args=[lambda: len(seen) >= 40]) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert seen == [f"n{number}" for number in range(40)]


def test_a_failing_handler_blocks_nobody_and_is_given_up_loudly(committed_db, committed_raw, system, caplog):
    calls: list[str] = []

    @subscriber("tenants.create", name="test.fails")
    def fails_on_bad(actor: Actor, event: events.Event) -> None:
        calls.append(event.payload["name"])
        if event.payload["name"] == "bad":
            raise ValueError("cannot digest this")

    for name in ("bad", "good"):
        happen(name, system)
    dispatch_until(lambda: len(calls) >= 2)
    assert calls == ["bad", "good"]
    failure = committed_raw("SELECT * FROM event_failure")[0]
    assert (failure.attempts, failure.error, failure.gave_up_at) == (1, "ValueError: cannot digest this", None)
    assert 3 < (failure.next_attempt_at - datetime.now(UTC)).total_seconds() <= 5
    for _ in range(dispatch.MOST_ATTEMPTS - 1):
        assert events.dispatch_once() == 0, "not before it is due"
        committed_raw("UPDATE event_failure SET next_attempt_at = now()")
        assert events.dispatch_once() == 1
    assert committed_raw("SELECT gave_up_at FROM event_failure")[0].gave_up_at is not None
    assert calls == ["bad", "good"] + ["bad"] * (dispatch.MOST_ATTEMPTS - 1)
    assert "event given up" in caplog.text
    committed_raw("UPDATE event_failure SET next_attempt_at = now()")
    assert events.dispatch_once() == 0


def test_a_failure_that_heals_is_forgotten(committed_db, committed_raw, system):
    broken = [True]

    @subscriber("tenants.create", name="test.heals")
    def heals(actor: Actor, event: events.Event) -> None:
        if broken:
            raise ValueError("not yet")

    happen("x", system)
    dispatch_until(lambda: committed_raw("SELECT count(*) FROM event_failure")[0].count)
    broken.clear()
    committed_raw("UPDATE event_failure SET next_attempt_at = now()")
    assert events.dispatch_once() == 1
    assert committed_raw("SELECT count(*) FROM event_failure")[0].count == 0


def test_what_is_no_fault_of_the_event_waits_and_is_no_failure(committed_db, committed_raw, system):
    calls: list[str] = []

    @subscriber("*", name="test.waits")
    def waits(actor: Actor, event: events.Event) -> None:
        calls.append(event.payload["name"])
        if len(calls) < 3:
            raise Unavailable("The mail server is away.")

    happen("x", system)
    dispatch_until(lambda: len(calls) >= 3)
    assert events.dispatch_once() == 0
    assert calls == ["x"] * 3
    assert committed_raw("SELECT count(*) FROM event_failure")[0].count == 0


def test_a_new_subscriber_begins_with_what_comes_after_it(committed_db, system):
    old = seen_by("test.old", "*")
    happen("a", system)
    dispatch_until(lambda: old)
    new = seen_by("test.new", "*")
    events.dispatch_once()
    happen("b", system)
    dispatch_until(lambda: new)
    assert (old, new) == (["a", "b"], ["b"])

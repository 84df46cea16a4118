"""The checker at work on a real database: states, gaps, pushes, its own network, taking over."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from core.health.maintenance import actions as maintenance
from core.health.maintenance import running
from core.health.monitors import actions, heartbeats, network_check, queries, storing, term
from core.health.monitors.checking import Checker
from core.health.monitors.network_check import NetworkCheck
from core.health.monitors.storing import Batch, Deposed
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from tests.core.health.monitors.servers import Page, website
from tests.jobs.processes import until

SYSTEM = Actor.system("tests")


class Reference:
    """What the network check asks: answers as the test says."""

    def __init__(self) -> None:
        self.answers = True

    async def __call__(self) -> bool:
        await asyncio.sleep(0)
        return self.answers


@contextmanager
def checking(reference: Reference | None = None) -> Iterator[Checker]:
    """A checker in a thread, until the end of the block."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    checker = Checker(reference=reference or Reference())
    thread = threading.Thread(target=lambda: loop.run_until_complete(checker.run(stop)))
    thread.start()
    try:
        until(lambda: checker.term is not None, within_s=60)
        yield checker
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(15)
        assert not thread.is_alive()
        loop.close()


@pytest.fixture
def site(committed_db):
    running.forget()
    with website() as one:
        yield one


def make(url: str, **values: object):
    given = {"name": url, "kind": "http", "settings": {"url": url}, "allows_private": True, "interval_s": 10,
             "timeout_s": 2, "retries": 0, "retry_interval_s": 5}  # fmt: skip
    return actions.create(SYSTEM, **(given | values)).monitor


def state(monitor) -> str:
    return queries.one(SYSTEM, monitor.id)["state"]


def check_now(monitor) -> None:
    actions.check_now(SYSTEM, monitor.id)


def test_a_monitor_is_looked_at_soon_and_its_changes_are_told(site, committed_raw):
    site.pages["/broken"] = Page(500)
    good, bad = make(site.url("/good")), make(site.url("/broken"))
    with checking():
        until(lambda: (state(good), state(bad)) == ("up", "down"), within_s=60)
        late = make(site.url("/late"))
        until(lambda: state(late) == "up", within_s=60)
        site.pages["/good"] = Page(503)
        check_now(good)
        until(lambda: state(good) == "down", within_s=60)
    row = queries.one(SYSTEM, good.id)
    assert row["detail"] == "answered 503, not 200-299" and row["failures"] >= 1
    events = committed_raw("SELECT payload FROM event WHERE type = 'monitors.change_state'")
    told = {(one.payload["monitor"], one.payload["previous"], one.payload["state"]) for one in events}
    assert told == {(site.url("/broken"), "unknown", "down"), (site.url("/good"), "up", "down")}
    rows = committed_raw("SELECT state FROM monitor_check WHERE monitor_id = :id ORDER BY at", id=good.id)
    assert (rows[0].state, rows[-1].state) == ("up", "down")
    strip = queries.changes(SYSTEM, good.id, since=good.created_at, until=utc_now())
    assert list(strip["state"]) == ["unknown", "up", "down"]


def test_retries_come_before_down_and_what_passes_them_is_degraded(site, committed_raw, monkeypatch):
    monitor = make(site.url("/"), retries=1, interval_s=120, retry_interval_s=60)  # each look is asked for
    with checking():
        until(lambda: state(monitor) == "up", within_s=60)
        site.pages["/"] = Page(500)
        check_now(monitor)
        until(lambda: queries.one(SYSTEM, monitor.id)["failures"] == 1, within_s=60)
        assert state(monitor) == "up"
        site.pages["/"] = Page()
        check_now(monitor)
        until(lambda: queries.one(SYSTEM, monitor.id)["failures"] == 0, within_s=60)
        assert state(monitor) == "up"
    found = committed_raw("SELECT state FROM monitor_check ORDER BY at")
    assert [one.state for one in found][:3] == ["up", "degraded", "up"]
    assert {one.state for one in found[3:]} <= {"up"}
    assert committed_raw("SELECT count(*) AS n FROM event WHERE type = 'monitors.change_state'")[0].n == 0


def test_changes_of_monitors_are_picked_up(site):
    monitor = make(site.url("/"))
    with checking() as checker:
        until(lambda: state(monitor) == "up", within_s=60)
        changed = actions.update(SYSTEM, monitor.id, version=1, settings={"url": site.url("/"), "statuses": "404"})
        until(lambda: state(monitor) == "down", within_s=60)
        actions.pause(SYSTEM, [monitor.id])
        assert state(monitor) == "paused"
        until(lambda: not checker.term.watches, within_s=60)
        actions.update(SYSTEM, monitor.id, version=changed.version + 1, settings={"url": site.url("/")})
        actions.resume(SYSTEM, [monitor.id])
        until(lambda: state(monitor) == "up", within_s=60)
        actions.delete(SYSTEM, monitor.id, reason="Done")
        until(lambda: not checker.term.watches, within_s=60)


def test_without_a_checker_every_state_is_unknown_and_the_time_is_a_gap(site, committed_raw):
    monitor = make(site.url("/"))
    with checking():
        until(lambda: state(monitor) == "up", within_s=60)
    assert state(monitor) == "up", "a restart within seconds greys nothing"
    committed_raw("UPDATE checker_run SET seen_at = now() - interval '10 minutes'")
    committed_raw(
        "UPDATE monitor_state SET checked_at = now() - interval '10 minutes', since = now() - interval '1 hour'"
    )
    committed_raw("UPDATE monitor_change SET at = now() - interval '1 hour'")
    committed_raw("UPDATE monitor SET created_at = now() - interval '2 hours'")
    assert state(monitor) == "unknown"
    assert queries.counts(SYSTEM) == {"up": 0, "degraded": 0, "down": 0, "paused": 0, "unknown": 1}
    found = queries.checker(SYSTEM)
    assert (found.is_running, found.problem) == (False, "no checker runs")
    with checking():
        until(lambda: state(monitor) == "up", within_s=60)
    strip = queries.changes(SYSTEM, monitor.id, since=utc_now() - timedelta(hours=3), until=utc_now())
    assert list(strip["state"]) == ["unknown", "up", "unknown", "up"]
    assert list(strip["cause"])[:3] == ["not checked yet", "answered 200", "no checker ran"]


def test_a_process_that_stood_still_knows_nothing_of_that_time(site, committed_raw, monkeypatch):
    monitor = make(site.url("/"))
    with checking() as checker:
        until(lambda: state(monitor) == "up", within_s=60)
        now = time.time()
        checker.term._lose(now - 60, now)
        until(lambda: committed_raw("SELECT FROM checker_gap WHERE cause = 'the checker hung'"), within_s=60)
    gap = committed_raw("SELECT until - since AS length FROM checker_gap")[0]
    assert gap.length.total_seconds() == pytest.approx(60, abs=0.01)


def test_nothing_is_called_down_while_the_checkers_own_network_is_gone(site, committed_raw, monkeypatch):
    monkeypatch.setattr(term.Watch, "is_local", property(lambda self: False))
    monkeypatch.setattr(term, "RETRY_NETWORK_S", 0.2)
    monitors = [make(site.url(f"/{place}"), timeout_s=1) for place in range(4)]
    reference = Reference()
    with checking(reference):
        until(lambda: {state(one) for one in monitors} == {"up"}, within_s=60)
        reference.answers = False
        site.pages |= {f"/{place}": Page(delay_s=3) for place in range(4)}
        for one in monitors:
            check_now(one)
        until(lambda: {state(one) for one in monitors} == {"unknown"}, within_s=60)
        assert queries.checker(SYSTEM).problem == "the checker's own network was gone"
        site.pages.clear()
        reference.answers = True
        until(lambda: queries.checker(SYSTEM).problem is None, within_s=60)
        for one in monitors:
            check_now(one)
        until(lambda: {state(one) for one in monitors} == {"up"}, within_s=60)
    assert committed_raw("SELECT count(*) AS n FROM event WHERE type = 'monitors.change_state'")[0].n == 0
    assert committed_raw("SELECT count(*) AS n FROM monitor_check WHERE state = 'down'")[0].n == 0


def test_silent_monitors_are_down_when_the_network_is_known_to_work(site, monkeypatch):
    monkeypatch.setattr(term.Watch, "is_local", property(lambda self: False))
    monitors = [make(site.url(f"/{place}"), timeout_s=1) for place in range(3)]
    with checking(Reference()):
        until(lambda: {state(one) for one in monitors} == {"up"}, within_s=60)
        site.pages |= {f"/{place}": Page(delay_s=3) for place in range(3)}
        for one in monitors:
            check_now(one)
        until(lambda: {state(one) for one in monitors} == {"down"}, within_s=60)


def test_a_reference_that_never_answered_proves_nothing():
    reference = Reference()
    reference.answers = False

    async def ask() -> tuple[bool, bool, bool]:
        check = NetworkCheck(reference)
        unproven = await check.is_gone(time.time(), is_private=False)
        reference.answers = True
        await check.asked()
        reference.answers = False
        gone = await check.is_gone(time.time(), is_private=False)
        check.heard(time.time() + 1, is_private=False)
        return unproven, gone, await check.is_gone(time.time(), is_private=False)

    assert asyncio.run(ask()) == (False, True, False)
    assert network_check.TRUSTED_FOR_S >= 60


def test_a_push_monitor_is_up_while_it_is_called_and_down_after_its_grace(site, committed_raw):
    made = actions.create(SYSTEM, name="Backup", kind="push", settings={"grace_s": 0}, interval_s=10)
    with checking() as checker:
        heartbeats.call(made.token, message="12 files", ping_ms=3.5)
        until(lambda: state(made.monitor) == "up", within_s=60)
        row = queries.one(SYSTEM, made.monitor.id)
        assert (row["detail"], row["latency_ms"]) == ("12 files", 3.5)
        heartbeats.call(made.token, status="down", message="disk full")
        until(lambda: state(made.monitor) == "down", within_s=60)
        heartbeats.call(made.token)
        until(lambda: state(made.monitor) == "up", within_s=60)
        until(lambda: state(made.monitor) == "down", within_s=60)
        assert checker.term is not None
    told = [one.payload["cause"] for one in committed_raw(
        "SELECT payload FROM event WHERE type = 'monitors.change_state' ORDER BY occurred_at")]  # fmt: skip
    assert told[0] == "disk full" and told[-1].startswith("no call for 1")


def test_checks_during_an_excluded_window_do_not_count(site, committed_raw):
    monitor = make(site.url("/"), tags=["web"])
    start = utc_now()
    window = maintenance.create(SYSTEM, title="Patch", starts_at=start, duration_s=3_600, covers="tags", tags=["web"])
    running.forget()
    with checking():
        until(lambda: state(monitor) == "up", within_s=60)
        until(lambda: queries.one(SYSTEM, monitor.id)["in_maintenance"], within_s=60)
    last = committed_raw("SELECT is_counted, maintenance_id FROM monitor_check ORDER BY at DESC LIMIT 1")[0]
    assert (last.is_counted, last.maintenance_id) == (False, window.id)


def test_only_one_checker_works_and_another_takes_over(site):
    monitor = make(site.url("/"))
    with checking() as first:
        until(lambda: state(monitor) == "up", within_s=60)
        loop, stop = asyncio.new_event_loop(), asyncio.Event()
        second = Checker(reference=Reference())
        thread = threading.Thread(target=lambda: loop.run_until_complete(second.run(stop)))
        thread.start()
        time.sleep(2.5)
        assert (first.term is not None, second.term) == (True, None)
    until(lambda: second.term is not None, within_s=60)
    loop.call_soon_threadsafe(stop.set)
    thread.join(15)
    loop.close()


def test_one_monitor_whose_settings_cannot_be_read_stops_no_other(site, committed_raw):
    good, odd = make(site.url("/")), make(site.url("/odd"))
    committed_raw("UPDATE monitor SET settings = '{}' WHERE id = :id", id=odd.id)
    with checking():
        until(lambda: state(good) == "up", within_s=60)
    assert state(odd) == "unknown"


def test_who_was_deposed_stores_nothing(site, committed_raw):
    first = storing.begin()
    second = storing.begin()
    with pytest.raises(Deposed):
        storing.store(first, Batch(), monitors=0, lag_ms=None)
    storing.store(second, Batch(), monitors=7, lag_ms=1.5)
    assert committed_raw("SELECT monitors FROM checker_run WHERE ended_at IS NULL")[0].monitors == 7

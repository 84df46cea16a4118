"""The library in process: fresh, safe against the loss of the database, and cheap to ask."""

import os
import threading
import time
from collections.abc import Callable
from uuid import uuid4

import pytest

from core.kernel import db as database
from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.settings import settings
from core.platform.flags import actions, evaluating
from core.platform.flags.evaluating import Flags, context
from tests.conftest import migrate
from tests.postgres import server

SYSTEM = Actor.system("test")


def until(holds: Callable[[], bool], seconds: float = 60) -> float:
    """Waits, and returns how long it took; generous, because a busy machine is no defect."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds
        time.sleep(0.02)
    return time.monotonic() - begun


@pytest.fixture
def two(committed_db):
    """What two processes have, each with its own watch."""
    pair = (Flags("production"), Flags("production"))
    for one in pair:
        one.start()
    yield pair
    for one in pair:
        one.stop()


def test_changes_and_kills_reach_every_process(two):
    flag = actions.create(SYSTEM, key="new-grid", name="New grid", is_enabled=True, rollout_percentage=100)
    until(lambda: all(one.is_on("new-grid", {}) for one in two))
    actions.kill(SYSTEM, flag.id, "production", reason="Orders fail")
    until(lambda: not any(one.is_on("new-grid", {}) for one in two))
    assert two[0].status().revision == two[1].status().revision


def test_the_watch_looks_often_enough():
    """What is promised: kills within 2 s, other changes within 5 s; a look takes milliseconds."""
    assert evaluating.LOOK_S * 2 <= 2
    assert evaluating.RETRY_S <= 5


def test_a_change_by_sql_counts_too(two, committed_raw):
    actions.create(SYSTEM, key="new-grid", name="New grid", is_enabled=True, rollout_percentage=100)
    until(lambda: two[0].is_on("new-grid", {}))
    committed_raw("UPDATE flag_environment SET is_enabled = false")
    until(lambda: not two[0].is_on("new-grid", {}))
    assert two[0].evaluate("new-grid", {}).sentence == "The flag is off in this environment."


def test_flags_outlive_a_restart_of_the_database(monkeypatch):
    with server(os.environ.get("TEST_PG", "18"), durable=True) as running:
        migrate(running.url("postgres"))
        monkeypatch.setenv("DATABASE_URL", running.url("postgres"))
        settings.cache_clear()
        database.forget_engines()
        flag = actions.create(SYSTEM, key="new-grid", name="New grid", is_enabled=True, rollout_percentage=100)
        flags = Flags("production")
        flags.start()
        try:
            until(lambda: flags.is_on("new-grid", {}))
            running.stop("immediate")
            until(lambda: flags.status().error is not None)
            before = flags.status().age
            assert flags.is_on("new-grid", {})
            time.sleep(0.1)
            assert flags.status().age > before
            running.start()
            actions.kill(SYSTEM, flag.id, "production", reason="Orders fail")
            until(lambda: not flags.is_on("new-grid", {}))
            assert flags.status().error is None
        finally:
            flags.stop()
            database.forget_engines()


def test_without_a_database_from_the_start_defaults_are_served():
    def away(*_):
        raise Unavailable("The database does not answer.")

    flags = Flags("production", away)
    assert flags.is_on("new-grid", {}, default=True) is True
    assert flags.value("new-grid", {}, default="x") == "x"
    found = flags.evaluate("new-grid", {})
    assert (found.reason, found.error_code) == ("ERROR", "PROVIDER_NOT_READY")
    assert flags.all({}) == {}
    assert (flags.status().age, flags.status().error) == (None, "The database does not answer.")


def test_a_defect_in_loading_ends_neither_the_watch_nor_the_caller():
    from core.platform.flags.loading import Snapshot

    answers = iter([Snapshot(uuid4(), {}, {}), ZeroDivisionError(), None])

    def load(*_):
        found = next(answers, None)
        if isinstance(found, Exception):
            raise found
        return found

    flags = Flags("production", load)
    for error in (None, "ZeroDivisionError: ", None):
        flags._due = 0.0
        assert flags.evaluate("x", {}).error_code == "FLAG_NOT_FOUND"
        assert flags.status().error == error


def test_without_a_watch_a_call_looks_itself_now_and_then(db, system, make_flag, monkeypatch):
    flags = Flags("production")
    flag = make_flag(is_enabled=True, rollout_percentage=100)
    assert flags.is_on("new-grid", {})
    actions.kill(system, flag.id, "production", reason="x")
    assert flags.is_on("new-grid", {})
    flags._due = 0.0
    assert not flags.is_on("new-grid", {})


def test_callers_do_not_wait_for_a_look_that_hangs():
    calls, go_on = [], threading.Event()

    def slow(environment, known, tally):
        calls.append(known)
        if len(calls) > 1:
            go_on.wait(60)
        return None if known else snapshot

    from core.platform.flags.loading import Snapshot

    snapshot = Snapshot(uuid4(), {}, {})
    flags = Flags("production", slow)
    flags.evaluate("x", {})
    flags._due = 0.0
    hanging = threading.Thread(target=flags.evaluate, args=("x", {}))
    hanging.start()
    until(lambda: len(calls) == 2)
    assert flags.evaluate("x", {}).error_code == "FLAG_NOT_FOUND"
    assert hanging.is_alive()
    go_on.set()
    hanging.join()


def test_an_unchanged_database_is_not_loaded_again(db, make_flag, system):
    flags = Flags("production")
    make_flag()
    first = flags.look()
    assert flags.look() is first
    make_flag("other")
    assert flags.look() is not first
    assert set(flags.look().flags) == {"new-grid", "other"}


def test_environments_are_apart_and_the_portals_own_is_a_setting(db, make_flag, system, monkeypatch):
    flag = make_flag(rollout_percentage=100)
    actions.toggle(system, flag.id, "staging")
    assert not evaluating.is_on("new-grid", {})
    monkeypatch.setenv("FLAG_ENVIRONMENT", "staging")
    settings.cache_clear()
    assert evaluating.is_on("new-grid", {})
    assert evaluating.evaluate("new-grid", {}).sentence == "On for everybody."
    assert evaluating.value("nothing", {}, "x") == "x"


def test_a_value_belongs_to_the_caller(db, make_flag):
    make_flag(
        kind="json",
        variants={"a": {"n": [1]}, "b": {"n": [2]}},
        off_variant="a",
        is_enabled=True,
        rollout_percentage=100,
        config={"x": [1]},
    )
    evaluating.value("new-grid", {})["n"].append(3)
    evaluating.config("new-grid", {})["x"].append(3)
    assert evaluating.value("new-grid", {}) == {"n": [2]}
    assert evaluating.config("new-grid", {}) == {"x": [1]}
    assert evaluating.is_on("new-grid", {}, default=True) is True


def test_a_context_has_ids_as_text():
    key = uuid4()
    assert context(tenant_id=key, plan="pro") == {"tenant_id": str(key), "plan": "pro"}
    assert context() == {}

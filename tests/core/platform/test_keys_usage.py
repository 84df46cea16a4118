"""When a key was used, and how much: noted in memory, stored in batches, rolled up."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest

from core.health.requests.recorder import store as store_requests
from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.models import uuid7
from core.kernel.rollups import roll
from core.kernel.times import utc_now
from core.platform.keys import demo, queries, rules, watching
from core.platform.keys.models import KEY_ROLLUP
from core.platform.keys.uses import Uses, store
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.platform.test_keys import key_actor, make


def test_a_thousand_calls_are_one_row_with_the_latest(db, raw):
    key_id, uses, begin = uuid4(), Uses(), utc_now()
    for second in range(1_000):
        uses.note(key_id, None, f"10.0.0.{second % 200}", at=begin + timedelta(seconds=second))
    assert uses.flush() == 1
    row = raw("SELECT * FROM api_key_use")[0]
    assert (row.first_used_at, row.last_used_at) == (begin, begin + timedelta(seconds=999))
    assert row.last_ip == "10.0.0.199"
    assert uses.flush() == 0


def test_a_later_use_is_never_replaced_by_an_older_one(db, raw):
    key_id, now = uuid4(), utc_now()
    for at, ip in ((now, "10.0.0.1"), (now - timedelta(hours=1), "10.0.0.2")):
        uses = Uses()
        uses.note(key_id, None, ip, at=at)
        uses.flush()
    assert (raw("SELECT last_used_at, last_ip FROM api_key_use")[0]) == (now, "10.0.0.1")


def test_the_last_use_of_the_old_secret_is_kept_apart(db, raw):
    key_id, uses, begin = uuid4(), Uses(), utc_now()
    for second, is_previous in ((0, True), (1, False)):
        uses.note(key_id, None, None, is_previous=is_previous, at=begin + timedelta(seconds=second))
    uses.flush()
    uses.note(key_id, None, None, at=begin + timedelta(seconds=9))
    uses.flush()
    row = raw("SELECT * FROM api_key_use")[0]
    assert (row.previous_used_at, row.last_used_at) == (begin, begin + timedelta(seconds=9))


def test_what_cannot_be_stored_waits(db, raw):
    states = [Unavailable("gone")]

    def save(rows):
        if states:
            raise states.pop()
        store(rows)

    uses, key_id, first = Uses(save), uuid4(), utc_now()
    uses.note(key_id, None, "10.0.0.1", at=first)
    with pytest.raises(Unavailable):
        uses.flush()
    uses.note(key_id, None, "10.0.0.2", at=first + timedelta(seconds=5))
    uses.flush()
    row = raw("SELECT * FROM api_key_use")[0]
    assert (row.first_used_at, row.last_used_at) == (first, first + timedelta(seconds=5))


def test_the_thread_stores_and_outlives_a_failure(db, raw, monkeypatch):
    calls = []

    def look():
        calls.append("look")
        raise Unavailable("gone")

    monkeypatch.setattr(watching.verifying, "look", look)
    monkeypatch.setattr(watching.uses, "flush", lambda: calls.append("flush"))
    watching.once()
    assert calls == ["look", "flush"]


def test_one_thread_watches_and_its_end_stores_what_waits(monkeypatch):
    calls = []
    monkeypatch.setattr(watching, "EVERY_S", 60)
    monkeypatch.setattr(watching, "once", lambda: calls.append("once"))
    watching.start()
    first = watching._threads[0]
    watching.start()
    assert watching._threads == [first]
    watching.stop()
    assert calls == ["once"]
    assert not first.is_alive()


def call(key_id, at, status, tenant_id=None):
    return {
        "at": at, "id": uuid7(), "channel": "api", "route": "/api/v1/x", "method": "GET", "status": status,
        "duration_ms": 10, "is_error": status >= 500, "operator_id": None, "key_id": key_id, "tenant_id": tenant_id,
        "request_id": "r",
    }  # fmt: skip


@pytest.fixture
def calls(committed_raw):
    """Two keys and a person, two days ago and today; rolled up."""
    one, other, now = uuid4(), uuid4(), datetime(2026, 5, 20, 15, 30, tzinfo=UTC)
    day = timedelta(days=1)
    store_requests(
        [call(one, now, status) for status in (200, 200, 404, 429, 500)]
        + [call(one, now - 2 * day, 200), call(other, now, 200)]
        + [call(None, now - timedelta(minutes=5), 200) for _ in range(3)]
    )
    while roll(KEY_ROLLUP):
        pass
    return one, now


def test_usage_is_counted_per_key_and_day(calls, system):
    one, now = calls
    frame = queries.usage(system, one, since=now - timedelta(days=3), now=now)
    counted = frame[["calls", "refused", "failed", "limited"]].to_numpy().tolist()
    assert counted == [[0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0], [5, 2, 1, 1]]
    assert frame["bucket"].iloc[0] == datetime(2026, 5, 17, tzinfo=UTC)
    hours = queries.usage(system, one, since=now - timedelta(hours=2), step="hour", now=now)
    assert list(hours["calls"]) == [0, 0, 5]


def test_calls_without_a_key_leave_no_row(calls, committed_raw):
    for grain in ("minute", "hour", "day"):
        assert committed_raw(f"SELECT count(*) FROM api_key_rollup_{grain} WHERE key_id IS NULL")[0].count == 0
    minutes = committed_raw("SELECT DISTINCT bucket FROM api_key_rollup_minute")
    assert len(minutes) == 2


def test_a_late_call_is_counted_and_no_call_twice(calls, system):
    one, now = calls
    store_requests([call(one, now - timedelta(days=2), 200), call(None, now, 200)])
    assert roll(KEY_ROLLUP) == 1
    frame = queries.usage(system, one, since=now - timedelta(days=2), now=now)
    assert list(frame["calls"]) == [2, 0, 5]


def test_usage_of_another_tenants_key_is_out_of_sight(db, raw, system):
    mine, other = make_tenant(system, "Mine"), make_tenant(system, "Other")
    key_id = make(system, tenant_id=other.id).row.id
    raw(
        "INSERT INTO api_key_rollup_day (bucket, key_id, tenant_id, status_class, total, limited, duration_ms_sum)"
        " VALUES (date_trunc('day', now(), 'UTC'), :key, :tenant, 2, 7, 0, 1)", key=key_id, tenant=other.id,
    )  # fmt: skip
    since = utc_now() - timedelta(hours=1)
    assert queries.usage(system, key_id, since=since)["calls"].sum() == 7
    assert queries.usage(key_actor(mine.id, "api_keys:*"), key_id, since=since)["calls"].sum() == 0


def test_demo_keys_are_the_same_for_the_same_seed_and_open_nothing(committed_db, committed_raw, system):
    from core.kernel.writes import write

    tenants = [make_tenant(system, f"T{number}").id for number in range(7)]
    now, random = utc_now(), Random(3)
    with write(system, "demo.seed") as tx:
        keys = demo.seed(tx, random, now, tenants, {})
    demo.seed_usage(Actor.system("demo"), random, now, keys, tenants)
    frame = queries.directory(system, queries.Filters()).frame
    assert len(frame) == len(demo.SHAPES)
    assert set(frame["status"]) == {"active", "expired", "revoked"}
    assert {flag for flags in frame["flags"] for flag in flags} == set(queries.FLAGGED)
    assert all(set(shape.scopes) <= set(rules.scopes()) for shape in demo.SHAPES)
    for shape in demo.SHAPES:
        rules.require_mode(shape.mode, shape.scopes)
    busiest = keys[[shape.name for shape in demo.SHAPES].index("Storefront flags")]
    usage = queries.usage(system, busiest, since=now - timedelta(days=60))
    assert (usage["calls"].iloc[1:-1] > 1_000).all()
    again = Random(3)
    assert demo._row(again, demo.SHAPES[0], now, tenants, [], {})["id"] == keys[0]
    assert demo._row(again, demo.SHAPES[0], now, tenants, [], {})["secret_digest"] != bytes(
        committed_raw("SELECT secret_digest FROM api_key LIMIT 1")[0].secret_digest
    )

"""The door: which keys count, how soon a change is seen, and what an attacker can cost."""

import threading
from datetime import timedelta

import pytest

from core.customers.tenants import actions as tenants
from core.kernel import crypto, db
from core.kernel.actor import Actor
from core.kernel.errors import Denied, SignedOut, TooMany, Unavailable
from core.kernel.times import utc_now
from core.platform.keys import actions, format, verifying
from core.platform.keys.stored import load
from core.platform.keys.verifying import FRESH_S, GUESSES_OF_ALL, GUESSES_OF_ONE, Verifier, actor_of
from tests.core.customers.test_tenants import make as make_tenant
from tests.core.platform.test_keys import make
from tests.core.platform.test_keys_limiting import Clock

IP = "203.0.113.7"


class Counted:
    """`load`, with how often it was asked; `fails` is what it raises instead."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []
        self.fails: Exception | None = None

    def __call__(self, digests, ids):
        self.asked.append((len(digests), len(ids)))
        if self.fails:
            raise self.fails
        return load(digests, ids)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counted() -> Counted:
    return Counted()


@pytest.fixture
def door(clock, counted) -> Verifier:
    """A process of its own: it hears of a change from the database alone."""
    return Verifier(counted, clock)


def test_a_key_is_read_once_and_then_known(db, system, door, counted):
    issued = make(system)
    for _ in range(50):
        assert door.verify(issued.key, IP).id == issued.row.id
    assert counted.asked == [(1, 0)]


def test_wrong_keys_are_refused_and_mistyped_ones_without_a_query(db, system, door, counted):
    issued = make(system)
    for text in ("", "x", "Bearer", issued.key[:-1], issued.key + "x", issued.key.replace("live", "test"), "☃" * 60):
        with pytest.raises(SignedOut, match="not an API key"):
            door.verify(text, IP)
    assert counted.asked == []
    with pytest.raises(SignedOut, match="unknown"):
        door.verify(format.new_key("iris", "live"), IP)


CHANGES = {
    "revoked": "revoked_at = now()",
    "expired": "expires_at = now() - interval '1 second'",
    "replaced": "secret_digest = decode('00', 'hex'), previous_digest = secret_digest, previous_expires_at = now()",
    "unknown": "secret_digest = decode('00', 'hex')",
}


@pytest.mark.parametrize("word", CHANGES)
def test_a_change_elsewhere_is_seen_within_five_seconds(db, raw, system, door, clock, word):
    issued = make(system)
    door.verify(issued.key, IP)
    raw(f"UPDATE api_key SET {CHANGES[word]}")
    door.verify(issued.key, IP) if word != "expired" else None
    clock.now += FRESH_S + 0.1
    assert FRESH_S < 5
    with pytest.raises(SignedOut, match=word):
        door.verify(issued.key, IP)


@pytest.mark.parametrize("word", CHANGES)
def test_a_look_sees_it_without_a_call_having_to_wait(db, raw, system, door, clock, counted, word):
    issued = make(system)
    door.verify(issued.key, IP)
    raw(f"UPDATE api_key SET {CHANGES[word]}")
    clock.now += 2
    assert door.look() == 1
    with pytest.raises(SignedOut, match=word):
        door.verify(issued.key, IP)


def test_looks_keep_a_busy_key_fresh_and_let_a_quiet_one_go(db, system, door, clock, counted):
    busy, quiet = make(system, "Busy"), make(system, "Quiet")
    door.verify(quiet.key, IP)
    for _ in range(40):
        door.verify(busy.key, IP)
        clock.now += 2
        door.look()
    assert [one for one in counted.asked if one[0]] == [(1, 0), (1, 0)]
    assert counted.asked[2] == (0, 2) and counted.asked[-1] == (0, 1)


def test_changed_scopes_and_limits_are_seen(db, raw, system, door, clock):
    issued = make(system)
    door.verify(issued.key, IP)
    raw("UPDATE api_key SET scopes = '{health:read}', rate_limit_per_minute = 3")
    clock.now += FRESH_S + 0.1
    key = door.verify(issued.key, IP)
    assert (key.grants, key.rate_limit_per_minute) == ({"health:read"}, 3)


def test_a_suspended_tenant_stops_its_keys_until_it_is_active_again(db, system, door, clock):
    tenant = make_tenant(system)
    issued = make(system, tenant_id=tenant.id)
    door.verify(issued.key, IP)
    tenants.suspend(system, tenant.id, reason="Unpaid")
    clock.now += FRESH_S + 0.1
    with pytest.raises(Denied, match="suspended"):
        door.verify(issued.key, IP)
    tenants.reactivate(system, tenant.id)
    clock.now += FRESH_S + 0.1
    assert door.verify(issued.key, IP).tenant_id == tenant.id


def test_the_door_stays_shut_when_the_database_does_not_answer(db, system, door, clock, counted):
    issued = make(system)
    door.verify(issued.key, IP)
    counted.fails = Unavailable("gone")
    clock.now += 2
    with pytest.raises(Unavailable):
        door.look()
    assert door.verify(issued.key, IP)
    clock.now += FRESH_S
    with pytest.raises(Unavailable):
        door.verify(issued.key, IP)
    counted.fails = None
    assert door.verify(issued.key, IP)


def test_both_secrets_count_during_the_overlap_and_then_the_new_one(db, system, counted, clock):
    times = [utc_now()]
    door = Verifier(counted, clock, lambda: times[0])
    first = make(system)
    second = actions.rotate(system, first.row.id, overlap=timedelta(hours=1))
    assert {door.verify(one.key, IP).id for one in (first, second)} == {first.row.id}
    times[0] += timedelta(hours=1, seconds=1)
    with pytest.raises(SignedOut, match="rotation"):
        door.verify(first.key, IP)
    assert door.verify(second.key, IP)


def test_an_expiry_counts_on_the_moment_without_a_query(db, system, counted, clock):
    times = [utc_now()]
    door = Verifier(counted, clock, lambda: times[0])
    issued = make(system, expires_at=times[0] + timedelta(minutes=1))
    door.verify(issued.key, IP)
    times[0] += timedelta(minutes=1)
    with pytest.raises(SignedOut, match="expired"):
        door.verify(issued.key, IP)
    assert len(counted.asked) == 1


ADDRESSES = [
    ("10.1.2.3", True), ("10.2.0.1", False), ("203.0.113.9", True), ("2001:db8:1::5", True), ("2001:db9::1", False),
    ("::ffff:10.1.2.3", True), (None, False),
]  # fmt: skip


@pytest.mark.parametrize(("ip", "is_let_in"), ADDRESSES)
def test_the_address_must_be_on_the_list(db, system, door, ip, is_let_in):
    issued = make(system, allowed_networks=["10.1.0.0/16", "203.0.113.9", "2001:db8::/32"])
    if is_let_in:
        assert door.verify(issued.key, ip)
    else:
        with pytest.raises(Denied, match="may not be used from"):
            door.verify(issued.key, ip)


def test_a_revocation_counts_at_once_in_the_process_that_did_it(db, system):
    issued = make(system)
    verifying.verify(issued.key, IP)
    actions.revoke(system, issued.row.id, reason="Leaked")
    with pytest.raises(SignedOut, match="revoked"):
        verifying.verify(issued.key, IP)


def test_one_guess_again_and_again_is_one_query(db, door, counted):
    guess = format.new_key("iris", "live")
    for _ in range(100):
        with pytest.raises(SignedOut):
            door.verify(guess, IP)
    assert len(counted.asked) == 1


def test_guessing_stops_at_a_bound_and_known_keys_are_not_touched(db, system, door, counted, clock):
    known, cold = make(system, "Known"), make(system, "Cold")
    door.verify(known.key, IP)
    before = len(counted.asked)
    for _ in range(200):
        with pytest.raises((SignedOut, TooMany)):
            door.verify(format.new_key("iris", "live"), IP)
    assert len(counted.asked) - before == GUESSES_OF_ONE
    assert door.verify(known.key, IP)
    with pytest.raises(TooMany) as caught:
        door.verify(cold.key, IP)
    assert 0 < caught.value.retry_after <= 61
    assert door.verify(cold.key, "198.51.100.1")
    clock.now += 62
    assert door.verify(format_free(door, cold.key), IP)


def format_free(door: Verifier, key: str) -> str:
    """The key, unknown to the door again."""
    door.forget(door.verify(key, "198.51.100.1").id)
    return key


def test_guessing_from_everywhere_stops_too_and_fills_no_memory(monkeypatch, clock):
    monkeypatch.setattr(verifying, "CAPACITY", 50)
    asked = []
    door = Verifier(lambda digests, ids: asked.append(digests) or [], clock)
    for number in range(GUESSES_OF_ALL + 400):
        with pytest.raises((SignedOut, TooMany)):
            door.verify(format.new_key("iris", "live"), f"198.51.{number // 250}.{number % 250}")
    assert len(asked) == GUESSES_OF_ALL
    assert len(door) == 50


def test_memory_for_known_keys_is_bounded(db, system, monkeypatch, clock, counted):
    monkeypatch.setattr(verifying, "CAPACITY", 10)
    door = Verifier(counted, clock)
    for number in range(25):
        clock.now += 0.01
        door.verify(make(system, f"Key {number}").key, IP)
    assert len(door) <= 10


def test_an_actor_sees_its_tenant_alone_and_a_test_key_only_reads(db, raw, system, door):
    tenant = make_tenant(system)
    known = {"request_id": "r-1", "ip": IP, "user_agent": "curl"}
    bound = actor_of(door.verify(make(system, tenant_id=tenant.id).key, IP), **known)
    assert (bound.sight, bound.role, bound.channel, bound.operator_id) == (
        f"tenant:{tenant.id}",
        "api_key",
        "api",
        None,
    )
    assert bound.id == bound.key_id
    platform = make(system, mode="test")
    raw("UPDATE api_key SET scopes = '{tenants:read,tenants:update}' WHERE id = :id", id=platform.row.id)
    reader = actor_of(door.verify(platform.key, IP), **known)
    assert (reader.sight, reader.grants) == ("all", {"tenants:read"})


def test_a_key_that_another_process_revokes_ends_here(committed_db, committed_raw):
    """Two doors on a real database, each with connections of its own; no clock is turned."""
    system = Actor.system("test")
    issued = make(system)
    clock = Clock()
    doors = [Verifier(load, clock) for _ in range(2)]
    assert {door.verify(issued.key, IP).id for door in doors} == {issued.row.id}
    committed_raw("UPDATE api_key SET revoked_at = now()")
    clock.now += 2
    for door in doors:
        door.look()
        with pytest.raises(SignedOut, match="revoked"):
            door.verify(issued.key, IP)


def test_many_threads_ask_for_a_cold_key_once(committed_db):
    issued = make(Actor.system("test"))
    counted = Counted()
    door, found = Verifier(counted), []
    threads = [threading.Thread(target=lambda: found.append(door.verify(issued.key, IP).id)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [issued.row.id] * 12
    assert len(counted.asked) == 1


def test_a_real_outage_is_unavailable(committed_db, monkeypatch):
    issued = make(Actor.system("test"))
    clock = Clock()
    door = Verifier(load, clock)
    door.verify(issued.key, IP)

    def gone(*_, **__):
        raise db.unavailable(OSError("no route"))

    monkeypatch.setattr(db, "begun", gone)
    clock.now += FRESH_S + 0.1
    with pytest.raises(Unavailable):
        door.verify(issued.key, IP)


def test_what_is_kept_in_memory_shows_no_digest(db, system, door):
    issued = make(system)
    key = door.verify(issued.key, IP)
    assert crypto.digest(issued.key).hex() not in repr(key) and issued.key not in repr(key)

"""Levels are told once: by rule under any order of looks, and by the portal across restarts, months and raised limits."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given as fuzzed
from hypothesis import strategies as st

from core.customers.quotas import actions, measuring, notices, rules, telling
from core.customers.quotas.rules import Held, Measured
from core.kernel.errors import AlreadyDone
from core.kernel.events import Event
from core.kernel.times import utc_now
from tests.core.customers.quotas import given

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
NOW = utc_now().replace(day=15, hour=12, minute=30)  # far from the end of a month
LOOKS = st.lists(
    st.tuples(st.integers(0, 60 * 24 * 70), st.one_of(st.none(), st.integers(0, 1_500))), min_size=1, max_size=40
)


def looked(minute: int, permille: int | None) -> Measured:
    at = BEGIN + timedelta(minutes=minute)
    return Measured(at, at.date().replace(day=1), None if permille is None else Decimal(permille) / 1000)


def told(looks: list[Measured]) -> list[Held]:
    """What is told, in the order in which the looks arrive."""
    held, said = None, []
    for look in looks:
        now = rules.after(held, look)
        if now is not None:
            held = now
            said.append(now)
    return said


@fuzzed(LOOKS, st.randoms(use_true_random=False))
def test_each_crossing_is_told_once_under_any_order_of_looks(drawn, random):
    looks = [looked(*one) for one in drawn]
    looks += random.choices(looks, k=len(looks))  # looks come twice
    random.shuffle(looks)
    said = told(looks)
    assert [one.at for one in said] == sorted({one.at for one in said})
    for before, now in zip([None, *said], said, strict=False):
        # Within a month every word is another level than the one before, and a new month begins with none.
        assert now.level != (before.level if before is not None and before.period == now.period else 0)
        assert now.period == now.at.date().replace(day=1)


@fuzzed(st.lists(st.integers(0, 40), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_a_use_that_only_grows_is_told_of_once_a_level_and_month(steps, random):
    """However the looks are ordered, and however many are lost."""
    totals = [sum(steps[: place + 1]) for place in range(len(steps))]
    looks = [looked(minute, 10 * total) for minute, total in enumerate(totals)]
    arrived = random.sample(looks, k=random.randint(1, len(looks)))
    levels = [one.level for one in told(arrived)]
    assert levels == sorted(set(levels))
    assert (
        told(looks)[-1:] == []
        if totals[-1] < 80
        else told(looks)[-1].level == rules.level_after(0, Decimal(totals[-1]) / 100)
    )


@pytest.mark.parametrize(
    ("ratios", "levels"),
    [
        ([0.79, 0.81, 0.79, 0.81, 0.76, 0.8], [80]),  # a use that swings about a level is told once
        ([0.81, 0.74, 0.81], [80, 0, 80]),  # well below, and up again, is a new crossing
        ([0.5, 1.2], [100]),  # what jumps is told of the highest level alone
        ([1.0, 0.94, 0.97, 0.86, 0.84], [100, 90, 80]),
        ([0.95, None, 0.95], [90]),  # what is unknown is not below
    ],
)
def test_hysteresis(ratios, levels):
    looks = [Measured(BEGIN + timedelta(minutes=place), None, ratio and Decimal(str(ratio)))
             for place, ratio in enumerate(ratios)]  # fmt: skip
    assert [one.level for one in told(looks)] == levels


def test_no_limit_ends_a_level_and_an_unknown_use_does_not():
    held = Held(100, None, BEGIN)
    later = BEGIN + timedelta(minutes=1)
    assert rules.after(held, Measured(later, None, None, is_unlimited=True)) == Held(0, None, later)
    assert rules.after(held, Measured(later, None, None)) is None


@pytest.fixture
def minute(db, system, raw):
    """A minute of the portal: measures and tells; returns the new events (type, level)."""
    seen = 0

    def pass_by(at: datetime) -> list[tuple[str, int]]:
        nonlocal seen
        measuring.measure(system, now=at)
        telling.tell(system)
        # Not by time: the transactions of a test all begin at once.
        rows = raw("SELECT type, payload FROM event WHERE type LIKE 'quotas.%' AND type <> 'quotas.set_override'"
                   " ORDER BY occurred_at, id")  # fmt: skip
        new, seen = rows[seen:], len(rows)
        return [(row.type, row.payload["level"]) for row in new]

    return pass_by


def test_portal_tells_once_and_again_when_a_raised_limit_is_reached(minute, system, raw):
    acme = given.tenant("pro", seats=10, people=9)
    at = [NOW + timedelta(minutes=number) for number in range(10)]
    assert minute(at[0]) == [("quotas.warn", 90)]
    assert minute(at[1]) == minute(at[2]) == []
    given.join(acme, 10)
    assert minute(at[3]) == [("quotas.reach", 100)]
    actions.set_override(system, acme, "users", limit=20, reason="Migration", is_confirmed=True)
    assert minute(at[4]) == [("quotas.ease", 0)]
    given.join(acme, *range(20, 26))
    assert minute(at[5]) == [("quotas.warn", 80)]
    row = raw("SELECT tenant_id, payload FROM event WHERE type = 'quotas.reach'")[0]
    assert row.tenant_id == acme
    assert {
        "resource": "users",
        "level": 100,
        "level_before": 90,
        "policy": "auto_upgrade",
    }.items() <= row.payload.items()


def test_a_new_month_begins_without_a_word_and_is_told_of_anew(minute):
    acme = given.tenant("basic")
    end = datetime(2026, 4, 30, 23, 50, tzinfo=UTC)
    given.calls(acme, end, 100_001)
    assert minute(end) == [("quotas.reach", 100)]
    assert minute(end + timedelta(minutes=15)) == []
    given.calls(acme, end + timedelta(hours=2), 85_000)
    assert minute(end + timedelta(hours=2)) == [("quotas.warn", 80)]


def test_what_a_plan_does_not_include_is_told_of_only_when_it_is_used(minute):
    acme = given.tenant("free")
    given.metric(acme, "ai.spend_usd", "counter", NOW, 0)
    assert minute(NOW) == []
    given.metric(acme, "ai.spend_usd", "counter", NOW, 0.02)
    assert minute(NOW + timedelta(minutes=1)) == [("quotas.reach", 100)]


def test_two_portals_that_look_at_once_tell_once(minute, system, raw):
    given.tenant("pro", seats=1, people=1)
    measuring.measure(system, now=NOW)
    looks = telling._crossed(system)
    assert [act(system, look) is not None for look, act in looks * 2] == [True, False]
    assert raw("SELECT count(*) FROM event WHERE type = 'quotas.reach'")[0].count == 1


def test_mail_goes_to_administrators_and_csm_once(minute, system, raw, monkeypatch):
    raw(
        "INSERT INTO operator (id, email, name, password_hash, role, is_demo, version, created_at, updated_at) VALUES"
        " (gen_random_uuid(), 'csm@quarterdeck.example', 'Cleo', 'x', 'client_success', false, 1, now(), now())"
    )
    csm = raw("SELECT id FROM operator")[0].id
    given.tenant("basic", seats=2, people=2, csm_id=csm)
    minute(NOW)
    jobs = []
    monkeypatch.setattr("core.kernel.tasks.enqueue_on", lambda connection, task, **values: jobs.append(task))
    row = raw("SELECT * FROM event WHERE type = 'quotas.reach'")[0]
    event = Event(id=row.id, type=row.type, tenant_id=row.tenant_id, payload=row.payload, request_id=row.request_id)
    notices.notify(system, event)
    with pytest.raises(AlreadyDone):
        notices.notify(system, event)
    notice = raw("SELECT subject, body, recipients FROM tenant_notice")[0]
    assert notice.recipients == ["p0@acme.example", "csm@quarterdeck.example"]
    assert notice.subject == "Acme: the quota of Users is used up"
    assert "2 people of 2 people" in notice.body
    assert jobs == ["tenants.send_notice"]


def test_mail_of_a_month_says_when_it_begins_anew():
    payload = {
        "resource": "api_calls",
        "used": "95",
        "limit": "100",
        "level": 90,
        "policy": "block",
        "period": date(2026, 12, 1),
    }
    subject, body = notices.text_of("Acme", payload)
    assert subject == "Acme: the quota of API calls is used by 90 %"
    assert "01 January 2027" in body

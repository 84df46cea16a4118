"""Minutes of contracts, judged by the engine and by a loop over minutes that shares nothing with it."""

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.kernel.reads import read
from core.reliability.sla.minutes import evaluate
from core.reliability.sla.spans import counted
from tests.core.reliability.sla.agreed import (
    MINUTE,
    SYSTEM,
    at,
    contract,
    course,
    gap,
    monitor,
    requests,
    tenant,
    window,
)
from tests.core.reliability.sla.by_minute import Scene, outages, runs

NEW_YEAR = at("2026-01-01")
# The night in which March ends, in zones that differ, with an amendment on its first of April; two days after summer time.
BEGIN, END = at("2026-03-31", "14:00"), at("2026-04-01", "06:00")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
moments = st.integers(0, int((END - BEGIN).total_seconds())).map(lambda seconds: BEGIN + timedelta(seconds=seconds))
lengths = st.integers(1, 7_200).map(lambda seconds: timedelta(seconds=seconds))
stretches = st.tuples(moments, lengths).map(lambda found: (found[0], found[0] + found[1]))
whole = st.tuples(moments, st.integers(1, 180)).map(lambda found: (found[0], found[0] + found[1] * MINUTE))
courses = st.lists(
    st.tuples(moments, st.sampled_from(("up", "down", "down", "degraded", "unknown", "paused"))), min_size=1, max_size=8,
    unique_by=lambda change: change[0],
).map(sorted)  # fmt: skip
terms = st.fixed_dictionaries({
    "maintenance": st.sampled_from(("excluded", "excluded", "counted")),
    "maintenance_minutes": st.sampled_from((None, 0, 45, 120)),
})  # fmt: skip
calls = st.dictionaries(
    st.integers(0, 959).map(lambda minutes: BEGIN + minutes * MINUTE),
    st.sampled_from(((3, 3), (9, 9), (10, 4), (10, 5), (40, 40))), max_size=60,
)  # fmt: skip


def spans(raw, contract_id):
    rows = raw(
        "SELECT starts_at, ends_at, state, cause FROM sla_span WHERE contract_id = :id ORDER BY starts_at",
        id=contract_id,
    )
    return [(row.starts_at, row.ends_at, row.state) for row in rows]


def all_is_old(raw):
    """So that the next look does not go back for what was stored just now."""
    raw("UPDATE sla_watermark SET evaluated_at = now() + interval '1 hour'")


def joined(found):
    """Without what parts spans of the same state: their causes."""
    made = []
    for since, until, state in found:
        if made and made[-1][1:] == (since, state):
            made[-1] = (made[-1][0], until, state)
        else:
            made.append((since, until, state))
    return made


@given(
    zone=st.sampled_from(ZONES), own=st.lists(courses, max_size=2), shared=st.lists(courses, max_size=1),
    gaps=st.lists(stretches, max_size=2), windows=st.lists(whole, max_size=3), first=terms, second=terms, asked=calls,
    pauses=st.lists(st.integers(1, 959), max_size=3, unique=True),
)  # fmt: skip
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)  # fmt: skip
def test_every_minute_is_what_its_definition_says(
    db, raw, zone, own, shared, gaps, windows, first, second, asked, pauses
):
    with db.begin_nested() as undone:
        acme = tenant()
        agreed = contract(acme, starts="2026-03-01", zone=zone, versions=[("2026-04-01", second)], **first)
        for concerned, changes in [*((acme, one) for one in own), *((None, one) for one in shared)]:
            course(monitor(concerned), *changes)
        for since, until in gaps:
            gap(since, until)
        for since, until in windows:
            window(since, int((until - since) / MINUTE))
        requests(acme, [(minute, *counts) for minute, counts in asked.items()])
        for until in [*(BEGIN + minutes * MINUTE for minutes in sorted(pauses)), END]:
            evaluate(since=BEGIN, until=until)
            all_is_old(raw)
        scene = Scene(
            zone, [(date(2026, 3, 1), first), (date(2026, 4, 1), second)], [*own, *shared], gaps, windows, asked
        )  # fmt: skip
        expected = scene.states(BEGIN, END)
        found = spans(raw, agreed)
        broken = raw("SELECT started_at, ended_at, last_bad_at, minutes FROM sla_violation ORDER BY started_at")
        with read(SYSTEM) as rx:
            [sums] = counted(rx, [(agreed, BEGIN, END)]).values()
        days = raw(
            "SELECT sum(observed_minutes), sum(bad_minutes), sum(maintenance_minutes) FROM sla_period WHERE grain = 'month'"
        )
        undone.rollback()
    assert joined(found) == runs(expected)
    assert all(before[1] == after[0] for before, after in pairwise(found))
    by_state = Counter(expected.values())
    counts = (by_state["up"] + by_state["down"], by_state["down"], by_state["maintenance"])
    assert (sums.observed, sums.bad, sums.maintenance) == counts == tuple(days[0])
    assert sums.unobserved == by_state["unobserved"]
    assert [(row.started_at, row.last_bad_at) for row in broken] == outages(expected)
    assert all(row.ended_at == row.last_bad_at for row in broken[:-1])


def test_a_monitor_of_nobodys_counts_for_contracts_only_when_it_is_public(db, raw):
    acme = tenant()
    agreed = contract(acme, starts="2026-03-01")
    course(monitor(acme), (BEGIN, "up"))
    backup = monitor()
    raw("UPDATE monitor SET tags = '{backup}' WHERE id = :id", id=backup)
    course(backup, (BEGIN, "down"))
    evaluate(since=BEGIN, until=BEGIN + 5 * MINUTE)
    states = [row.state for row in raw("SELECT DISTINCT state FROM sla_span WHERE contract_id = :id", id=agreed)]
    assert states == ["up"]
    course(monitor(), (BEGIN, "down"))
    evaluate(until=BEGIN + 10 * MINUTE)
    worst = raw("SELECT max(ends_at) AS until FROM sla_span WHERE contract_id = :id AND state = 'down'", id=agreed)
    assert worst[0].until == BEGIN + 10 * MINUTE


def test_maintenance_counts_once_the_months_allowance_is_used_up_and_the_next_month_has_its_own(raw):
    acme = tenant()
    agreed = contract(acme, starts="2026-03-01", maintenance_minutes=45)
    course(monitor(acme), (BEGIN, "up"), (BEGIN + 70 * MINUTE, "down"), (BEGIN + 90 * MINUTE, "up"))
    for since in (BEGIN + 10 * MINUTE, BEGIN + 60 * MINUTE, at("2026-04-01", "01:00")):
        window(since, 30)
    for until in (BEGIN + 50 * MINUTE, BEGIN + 80 * MINUTE, END):
        evaluate(since=BEGIN, until=until)
        all_is_old(raw)
    away = [(since, until) for since, until, state in spans(raw, agreed) if state == "maintenance"]
    assert away == [
        (BEGIN + 10 * MINUTE, BEGIN + 40 * MINUTE), (BEGIN + 60 * MINUTE, BEGIN + 75 * MINUTE),
        (at("2026-04-01", "01:00"), at("2026-04-01", "01:30")),
    ]  # fmt: skip
    down = [(since, until) for since, until, state in spans(raw, agreed) if state == "down"]
    assert down == [(BEGIN + 75 * MINUTE, BEGIN + 90 * MINUTE)]

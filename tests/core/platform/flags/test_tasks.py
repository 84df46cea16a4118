"""What time and guardrails change by themselves."""

from datetime import timedelta

import pytest

from core.kernel.errors import AlreadyDone, Conflict
from core.kernel.logs import new_request_id
from core.kernel.times import utc_now
from core.platform.flags import actions, guardrails, queries, tasks
from core.platform.flags.guardrails import METRICS, Figure, fired
from core.platform.flags.queries import guardrails as figures

HOUR = timedelta(hours=1)


@pytest.fixture
def production(raw):
    return lambda: raw("SELECT * FROM flag_environment WHERE environment = 'production'")[0]


@pytest.fixture
def clock_on(raw):
    """Lets time pass: everything planned comes nearer."""

    def pass_by(span):
        raw("UPDATE flag_environment SET enable_at = enable_at - :span, disable_at = disable_at - :span,"
            " next_step_at = next_step_at - :span, killed_at = killed_at - :span, paused_at = paused_at - :span,"
            " ramp = (SELECT coalesce(jsonb_agg(jsonb_set(step, '{at}', to_jsonb(to_char(((step ->> 'at')::timestamptz - :span)"
            " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')))), '[]') FROM jsonb_array_elements(ramp) AS step)",
            span=span)  # fmt: skip
        raw("UPDATE flag_override SET expires_at = expires_at - :span", span=span)

    return pass_by


def steps(*percentages):
    return [
        {"at": (utc_now() + HOUR * place).isoformat(), "percentage": share}
        for place, share in enumerate(percentages, 1)
    ]


def test_a_ramp_rises_step_by_step(db, raw, make_flag, system, production, clock_on, what):
    flag = make_flag(is_enabled=True)
    actions.set_ramp(system, flag.id, "production", steps=steps(10, 50, 100))
    tasks.tick(system)
    assert production().rollout_percentage == 0
    for expected in (10, 50, 100):
        clock_on(HOUR)
        tasks.tick(system)
        tasks.tick(system)
        assert production().rollout_percentage == expected
    assert production().next_step_at is None
    assert all(step["applied_at"] for step in production().ramp)
    entries = raw("SELECT actor_name, details FROM audit_entry WHERE action = 'flags.apply_due'")
    assert len(entries) == 3
    assert entries[0].details["flag"] == "new-grid"
    assert what("new-grid", tenant_id="t").value is True


def test_steps_that_were_missed_come_together(db, make_flag, system, production, clock_on):
    flag = make_flag(is_enabled=True)
    actions.set_ramp(system, flag.id, "production", steps=steps(10, 50, 100))
    clock_on(HOUR * 2)
    tasks.tick(system)
    assert production().rollout_percentage == 50


@pytest.mark.parametrize(("hold", "release"), [(actions.kill, actions.revive), (actions.pause, actions.resume)])
def test_a_ramp_waits_while_the_flag_is_held(db, make_flag, system, production, clock_on, hold, release):
    flag = make_flag(is_enabled=True)
    actions.set_ramp(system, flag.id, "production", steps=steps(10, 50))
    hold(system, flag.id, "production", reason="x")
    clock_on(HOUR * 5)
    tasks.tick(system)
    assert (production().rollout_percentage, production().next_step_at) == (0, None)
    release(system, flag.id, "production", reason="x")
    tasks.tick(system)
    assert production().rollout_percentage == 0
    assert abs(production().next_step_at - (utc_now() + HOUR)) < timedelta(minutes=1)


def test_a_ramp_held_twice_moves_once(db, make_flag, system, production, clock_on):
    flag = make_flag(is_enabled=True)
    actions.set_ramp(system, flag.id, "production", steps=steps(10))
    actions.kill(system, flag.id, "production", reason="x")
    clock_on(HOUR)
    actions.pause(system, flag.id, "production", reason="x")
    clock_on(HOUR)
    actions.revive(system, flag.id, "production", reason="x")
    clock_on(HOUR)
    actions.resume(system, flag.id, "production", reason="x")
    assert abs(production().next_step_at - (utc_now() + HOUR)) < timedelta(minutes=1)


def test_a_percentage_set_by_hand_ends_the_ramp_and_a_lower_step_lowers_nothing(
    db, make_flag, system, production, clock_on, configure
):
    flag = make_flag(is_enabled=True, rollout_percentage=30)
    actions.set_ramp(system, flag.id, "production", steps=steps(10, 50))
    clock_on(HOUR)
    tasks.tick(system)
    assert production().rollout_percentage == 30
    configure(flag, rollout_percentage=5)
    clock_on(HOUR * 5)
    tasks.tick(system)
    assert (production().rollout_percentage, production().next_step_at) == (5, None)


def test_schedules_switch_on_and_off(db, make_flag, system, production, clock_on, configure):
    flag = make_flag()
    configure(flag, enable_at=utc_now() + HOUR, disable_at=utc_now() + HOUR * 2)
    tasks.tick(system)
    assert not production().is_enabled
    clock_on(HOUR)
    tasks.tick(system)
    assert (production().is_enabled, production().enable_at) == (True, None)
    clock_on(HOUR)
    tasks.tick(system)
    assert (production().is_enabled, production().disable_at) == (False, None)


def test_what_is_due_happens_once_for_a_version(db, make_flag, system, clock_on, configure, production):
    flag = make_flag()
    configure(flag, enable_at=utc_now() + HOUR)
    clock_on(HOUR)
    row = production()
    actions.apply_due(system, row.id, version=row.version)
    with pytest.raises(AlreadyDone):
        actions.apply_due(system, row.id, version=row.version)
    with pytest.raises(Conflict):
        actions.apply_due(system, row.id, version=row.version - 1)


def test_overrides_end_at_their_time(db, raw, make_flag, system, make_tenants, clock_on):
    flag, (one, two) = make_flag(), make_tenants(2)
    put = {"environment": "production", "variant": "on", "reason": "x"}
    actions.set_override(system, flag.id, one.id, expires_at=utc_now() + HOUR, **put)
    actions.set_override(system, flag.id, two.id, **put)
    tasks.tick(system)
    assert raw("SELECT count(*) FROM audit_entry WHERE action = 'flags.expire_overrides'")[0].count == 0
    clock_on(HOUR)
    tasks.tick(system)
    assert [row.tenant_id for row in raw("SELECT tenant_id FROM flag_override")] == [two.id]
    assert raw("SELECT tenant_id FROM event WHERE type = 'flags.expire_overrides'")[0].tenant_id == one.id


GUARD = {"metric": "api_error_ratio", "bound": 0.05, "direction": "above", "minimum": 20}


def requests(good: int, bad: int) -> None:
    """API calls of two minutes ago, rolled up."""
    from core.health.requests import recorder
    from core.health.requests.models import ROUTE_ROLLUP
    from core.kernel.models import uuid7
    from core.kernel.rollups import roll

    at = utc_now() - timedelta(minutes=2)
    rows = [
        {"at": at, "id": uuid7(), "channel": "api", "route": "/x", "method": "GET", "status": 500 if place < bad else 200,
         "duration_ms": 10, "is_error": place < bad, "request_id": new_request_id()}
        for place in range(good + bad)
    ]  # fmt: skip
    recorder.store(rows)
    roll(ROUTE_ROLLUP)


def test_a_guardrail_pauses_the_flag_and_names_figure_and_bound(committed_db, committed_raw, actor_of):
    from core.kernel.actor import Actor

    system = Actor.system("test")
    flag = actions.create(system, key="new-grid", name="New grid", is_enabled=True, rollout_percentage=100)
    other = actions.create(system, key="other", name="Other", is_enabled=True, rollout_percentage=100)
    actions.configure(system, flag.id, "production", version=1, guardrails=[GUARD])
    actions.configure(system, other.id, "production", version=1, guardrails=[GUARD | {"minimum": 1000}])
    tasks.tick(system)
    requests(good=45, bad=0)
    tasks.tick(system)
    assert committed_raw("SELECT count(*) FROM flag_environment WHERE paused_at IS NOT NULL")[0].count == 0
    requests(good=0, bad=5)
    tasks.tick(system)
    tasks.tick(system)
    rows = committed_raw("SELECT flag_id, pause_reason, paused_by FROM flag_environment WHERE paused_at IS NOT NULL")
    assert [row.flag_id for row in rows] == [flag.id]
    told = "Guardrail fired. Share of API requests that fail was 10.00% over 10 min (50 measured), above the bound of 5.00%."
    assert (rows[0].pause_reason, rows[0].paused_by) == (told, None)
    entry = committed_raw("SELECT severity, reason FROM audit_entry WHERE action = 'flags.pause'")
    assert [tuple(row) for row in entry] == [("critical", told)]
    shown = queries.guardrail_readings(actor_of("developer")).set_index("metric")
    assert (shown.loc["api_error_ratio", "value"], shown.loc["api_error_ratio", "volume"]) == (0.1, 50)


@pytest.mark.parametrize(
    ("figure", "more", "fires"),
    [
        (Figure(0.06, 20), {}, True),
        (Figure(0.05, 20), {}, False),
        (Figure(0.06, 19), {}, False),
        (Figure(None, 0), {"minimum": 0}, False),
        (Figure(0.01, 50), {"direction": "below"}, True),
        (Figure(0.05, 50), {"direction": "below"}, False),
        (Figure(1.0, 50), {"metric": "gone"}, False),
    ],
)
def test_a_guardrail_fires_past_its_bound_on_enough_measurements(figure, more, fires):
    assert (fired(GUARD | more, figure) is not None) is fires


def test_every_metric_measures_an_empty_portal(db):
    found = figures.figures(set(METRICS))
    assert set(found) == set(guardrails.METRICS)
    assert all(one.value in (None, 0.0) and one.volume == 0 for one in found.values())

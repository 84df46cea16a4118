"""What the page shows: states out of monitors, incidents and maintenance, and days that nobody observed."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.health.maintenance import actions as maintenance
from core.kernel.errors import Denied
from core.kernel.times import utc_now
from core.reliability.status_page import actions, history, reading, state
from core.reliability.status_page.history import Seconds, Stated
from tests.core.reliability.status_page.making import SYSTEM, component, incident, measured, monitor, told

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = 86_400.0


@pytest.mark.parametrize(
    ("monitors", "shown"),
    [
        ((), "unknown"),
        (("paused",), "unknown"),
        (("up", "paused"), "operational"),
        (("up", "unknown"), "unknown"),
        (("up", "degraded"), "degraded_performance"),
        (("up", "down"), "partial_outage"),
        (("down", "unknown"), "major_outage"),
        (("down", "down"), "major_outage"),
    ],
)
def test_a_component_is_what_its_monitors_are(monitors, shown):
    assert state.of_monitors(monitors) == shown


def test_what_nobody_observes_is_never_operational():
    for monitors in product(("unknown", "paused"), repeat=2):
        for declared in ((), ("operational",)):
            shown = state.of_component(manual=None, monitors=monitors, declared=declared, in_maintenance=False)
            assert shown == "unknown"
    assert state.overall([]) == state.OVERALL["unknown"]
    assert state.overall(["operational", "unknown"])[0] == "unknown"


def test_hand_beats_incident_beats_maintenance_beats_monitor():
    def of(manual=None, declared=(), in_maintenance=False):
        return state.of_component(manual=manual, monitors=["down"], declared=declared, in_maintenance=in_maintenance)

    assert of() == "major_outage"
    assert of(in_maintenance=True) == "under_maintenance"
    assert of(in_maintenance=True, declared=["partial_outage"]) == "major_outage"
    assert of(manual="operational", declared=["major_outage"], in_maintenance=True) == "operational"


def strip(*monitors: dict[date, Seconds], stated: tuple[Stated, ...] = ()) -> dict[date, history.Day]:
    return {day.on: day for day in history.strip(monitors, stated, NOW)}


def test_a_strip_has_90_days_and_none_without_observation_is_green():
    days = strip({date(2026, 3, 9): Seconds(up=DAY), date(2026, 3, 10): Seconds(up=DAY / 2)})
    assert len(days) == 90 and max(days) == date(2026, 3, 10)
    assert [on for on, day in days.items() if day.state == "operational"] == [date(2026, 3, 9), date(2026, 3, 10)]
    assert {day.state for on, day in days.items() if on < date(2026, 3, 9)} == {"unknown"}
    assert {day.state for day in history.strip([], [], NOW)} == {"unknown"}


def test_days_show_the_worst_of_their_monitors():
    on = date(2026, 3, 9)
    good = {on: Seconds(up=DAY)}

    def of(**seconds):
        return strip(good, {on: Seconds(**seconds)})[on].state

    assert of(up=DAY - 60, down=60) == "partial_outage"
    assert of(up=DAY - 3_600, down=3_600) == "major_outage"
    assert of(up=DAY * 0.98, degraded=DAY * 0.02) == "degraded_performance"
    assert of(up=DAY * 0.4) == "unknown"
    assert of(up=100) == "unknown"
    assert of(up=DAY * 0.1, paused=DAY * 0.9) == "operational"
    assert of(paused=DAY) == "operational"
    assert strip({on: Seconds(up=10, excluded=DAY - 10)})[on].state == "under_maintenance"


def test_what_incidents_said_colours_their_days():
    on = NOW - timedelta(days=3)
    spans = history.stated(
        [(on, {"a": "partial_outage"}), (on + timedelta(hours=1), {}), (on + timedelta(hours=2), {"a": "operational"})],
        None,
    )
    assert spans["a"][0] == Stated("partial_outage", on, on + timedelta(hours=2))
    assert spans["a"][1].until is None
    days = strip({on.date(): Seconds(up=DAY), NOW.date(): Seconds(up=DAY / 2)}, stated=tuple(spans["a"]))
    assert (days[on.date()].state, days[NOW.date()].state) == ("partial_outage", "operational")


@given(st.lists(st.tuples(st.floats(0, DAY), st.floats(0, DAY)), max_size=5))
def test_uptime_never_rounds_up_to_whole(pairs):
    days = {
        date(2026, 1, 1) + timedelta(days=place): Seconds(up=up, down=down) for place, (up, down) in enumerate(pairs)
    }
    ratio = history.uptime([days])
    up, down = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    assert (ratio is None) == (up + down == 0)
    if ratio is not None:
        assert 0 <= ratio <= 1
        assert history.percent(ratio) != "100.00" or down / (up + down) < 1e-9
    assert history.percent(0.99996) == "99.99" and history.percent(None) is None


def test_a_snapshot_has_states_days_and_uptime_of_its_components(db):
    up, down = monitor("One"), monitor("Two", state="down")
    yesterday = (utc_now() - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    measured(up, yesterday, up=DAY)
    measured(down, yesterday, up=DAY - 600, down=600)
    component("Beta", monitor_ids=[up, down], group_name="Product")
    component("Alpha", monitor_ids=[up])
    found = reading.snapshot(SYSTEM)
    beta, alpha = found.components
    assert (beta.name, beta.state, alpha.state) == ("Beta", "partial_outage", "operational")
    assert [day.state for day in beta.days[-2:]] == ["partial_outage", "unknown"]
    assert beta.uptime_ratio == pytest.approx((2 * DAY - 600) / (2 * DAY))
    assert (found.indicator, found.description) == ("major", "Partial System Outage")
    assert [name for name, _ in found.groups] == ["Product", ""]


def test_an_incident_is_told_by_its_updates_alone(db):
    one = component("API", monitor_ids=[monitor()])
    key = incident(status="identified")
    assert not reading.snapshot(SYSTEM).incidents, "nothing was told yet"
    told(key, "First.", components={str(one.id): "partial_outage", "nonsense": "major_outage"})
    told(key, "Over.", status="resolved")
    told(key, "A draft.", status="monitoring", sent_at=None, channel="mail")
    found = reading.snapshot(SYSTEM)
    shown = found.incidents[0]
    assert [(update.body, update.status) for update in shown.updates] == [
        ("Over.", "resolved"), ("First.", "investigating")]  # fmt: skip
    assert (shown.title, shown.status, shown.impact) == ("Slow answers", "resolved", "major")
    assert shown.component_ids == (str(one.id),)
    assert found.components[0].state == "operational", "the incident was told to be over"


def test_a_live_incident_sets_the_state_it_names(db):
    one = component("API", monitor_ids=[monitor()])
    key = incident()
    told(key, components={str(one.id): "partial_outage"})
    assert reading.snapshot(SYSTEM).components[0].state == "partial_outage"
    told(key, components={str(one.id): "degraded_performance"})
    found = reading.snapshot(SYSTEM)
    assert found.components[0].state == "degraded_performance"
    assert found.components[0].days[-1].state == "partial_outage", "the day keeps its worst"


def test_titles_fall_back_to_public_words(db):
    named, unnamed = incident(public_title=""), incident(public_title="")
    told(named, subject="Mails are late")
    told(unnamed)
    assert {one.title for one in reading.snapshot(SYSTEM).incidents} == {"Mails are late", "Service disruption"}


def test_announced_maintenance_explains_monitors_while_it_runs(db):
    one = component("API", monitor_ids=[monitor(state="down")])
    now = utc_now()
    window = maintenance.create(
        SYSTEM, title="Secret inner title", starts_at=now - timedelta(minutes=5), duration_s=3_600
    )
    assert reading.snapshot(SYSTEM).components[0].state == "major_outage"
    made = actions.announce(SYSTEM, window.id, title="Upgrade", component_ids=[one.id])
    found = reading.snapshot(SYSTEM)
    assert (found.components[0].state, found.maintenances[0].status) == ("under_maintenance", "in_progress")
    actions.withdraw(SYSTEM, made.id)
    assert not reading.snapshot(SYSTEM).maintenances


def test_recurring_maintenance_shows_its_next_three(db):
    rule = {"rule": "FREQ=DAILY", "zone": "Europe/Berlin"}
    window = maintenance.create(
        SYSTEM, title="Patches", starts_at=utc_now() + timedelta(hours=2), duration_s=600, **rule
    )
    actions.announce(SYSTEM, window.id, title="Nightly patches")
    found = reading.snapshot(SYSTEM).maintenances
    assert [one.status for one in found] == ["scheduled"] * 3
    assert len({one.id for one in found}) == 3
    again = reading.snapshot(SYSTEM)
    assert [one.id for one in again.maintenances] == [one.id for one in found], "an occurrence keeps its id"


def test_reading_takes_the_right(db, actor_of):
    with pytest.raises(Denied):
        reading.snapshot(actor_of("hotline_operator"))


@pytest.mark.parametrize(("states", "impacts", "said"), [
    (["operational"], [], ("none", "All Systems Operational")),
    (["operational"], ["minor", "critical"], ("critical", "Major Service Outage")),
    (["partial_outage"], ["minor"], ("major", "Partial System Outage")),
    (["under_maintenance"], ["minor"], ("minor", "Minor Service Outage")),
    (["unknown"], ["none"], ("unknown", "Some Systems Are Not Observed")),
])  # fmt: skip
def test_the_page_says_what_is_gravest_of_components_and_live_incidents(states, impacts, said):
    assert state.overall(states, impacts) == said

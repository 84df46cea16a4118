"""Maintenance windows: their rules, and what may be done with them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from core.health.maintenance import actions, queries, rules, running
from core.health.maintenance.models import MaintenanceWindow
from core.health.monitors import actions as monitors
from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.kernel.times import utc_now

START = datetime(2026, 3, 22, 1, 0, tzinfo=UTC)


def window(**values: object) -> MaintenanceWindow:
    given = {
        "title": "Patches", "starts_at": START, "duration_s": 3_600, "rule": None, "zone": "UTC", "covers": "all", "tags": [],
        "monitor_ids": [],
    }  # fmt: skip
    return MaintenanceWindow(**(given | values))


def starts(one: MaintenanceWindow, days: int) -> list[datetime]:
    return [begin for begin, _ in rules.occurrences(one, START - timedelta(days=1), START + timedelta(days=days))]


def test_a_window_without_a_rule_occurs_once():
    assert starts(window(), 100) == [START]
    assert rules.is_running(window(), START) and not rules.is_running(window(), START + timedelta(hours=1))
    assert rules.over_at(window()) == START + timedelta(hours=1)


def test_a_recurring_window_keeps_its_local_time_through_the_change_to_summer_time():
    weekly = window(rule="FREQ=WEEKLY", zone="Europe/Berlin")  # 02:00 in winter; the clocks change on 29 March 2026
    found = starts(weekly, 20)
    assert found == [START, datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 4, 5, 0, 0, tzinfo=UTC)]


def test_count_and_until_end_a_rule():
    assert len(starts(window(rule="FREQ=DAILY;COUNT=3"), 100)) == 3
    assert rules.over_at(window(rule="FREQ=DAILY;COUNT=3")) == START + timedelta(days=2, hours=1)
    until = window(rule="FREQ=DAILY;UNTIL=20260325T000000")
    assert len(starts(until, 100)) == 3
    assert rules.over_at(until) == START + timedelta(days=2, hours=1)
    assert rules.over_at(window(rule="FREQ=DAILY")) is None


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=1,2,3", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;UNTIL=soon", "nonsense",
     "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;UNTIL=20260325T000000Z", "FREQ=DAILY\nEXDATE:20260101", "FREQ=" + "A" * 600],
)  # fmt: skip
def test_rules_that_are_none_or_too_fine_are_refused(rule):
    with pytest.raises(Invalid) as refused:
        rules.clean({"rule": rule})
    assert list(refused.value.fields) == ["rule"]


def test_a_rule_that_never_occurs_is_refused_in_no_time():
    with pytest.raises(Invalid, match="never occurs"):
        rules.require_sound(window(rule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"))


def test_a_window_applies_by_tag_and_by_id():
    one = uuid4()
    assert rules.applies(window(covers="tags", tags=["db"]), one, ["web", "db"])
    assert not rules.applies(window(covers="tags", tags=["db"]), one, ["web"])
    assert rules.applies(window(covers="monitors", monitor_ids=[one]), one, [])
    assert not rules.applies(window(covers="monitors", monitor_ids=[uuid4()]), one, [])


def test_of_two_windows_the_one_that_excludes_wins():
    now = utc_now()
    span = (now - timedelta(minutes=1), now + timedelta(minutes=1))
    both = [window(policy="counted"), window(policy="excluded")]
    calendar = running.Calendar([running.Occurrence(one, *span) for one in both])
    assert calendar.at(now, uuid4(), []) is both[1]
    assert calendar.at(now + timedelta(minutes=2), uuid4(), []) is None


def plan(actor, **values: object) -> MaintenanceWindow:
    given = {"title": "Patches", "starts_at": utc_now() - timedelta(minutes=5), "duration_s": 3_600}
    return actions.create(actor, **(given | values))


def test_create_leaves_row_audit_and_event(raw, actor_of):
    developer = actor_of("developer")
    made = plan(developer, rule="freq=weekly", zone="Europe/Berlin", policy="counted", reason="Every week")
    row = raw("SELECT rule, policy, over_at, created_by FROM maintenance_window")[0]
    assert (row.rule, row.policy, row.over_at, row.created_by) == (
        "FREQ=WEEKLY", "counted", None, developer.operator_id,
    )  # fmt: skip
    audit = raw("SELECT action, actor_id, entity_ids FROM audit_entry")[0]
    assert (audit.action, audit.actor_id, audit.entity_ids) == ("maintenance.create", developer.operator_id, [made.id])
    assert [one.type for one in raw("SELECT type FROM event")] == ["maintenance.create"]


def test_windows_say_what_runs_and_what_comes(system, db):
    plan(system, title="Runs")
    plan(system, title="Comes", starts_at=utc_now() + timedelta(hours=1))
    ended = plan(system, title="Ended", starts_at=utc_now() - timedelta(hours=3))
    frame = queries.windows(system).frame.set_index("title")
    assert list(frame.index) == ["Comes", "Runs"]
    assert frame["is_running"].to_dict() == {"Comes": False, "Runs": True}
    past = queries.windows(system, past=True).frame
    assert list(past["id"]) == [ended.id] and past["next_at"].isna().all()


def test_running_windows_are_found_by_the_checker(system, db):
    monitor = monitors.create(system, name="API", kind="push", settings={}).monitor
    plan(system, covers="monitors", monitor_ids=[monitor.id])
    assert running.load().at(utc_now(), monitor.id, []) is not None
    assert running.load().at(utc_now(), uuid4(), []) is None
    assert list(queries.of_monitor(system, monitor.id)["is_running"]) == [True]


def test_update_wants_the_present_version_and_sound_fields(system, db):
    made = plan(system)
    changed = actions.update(system, made.id, version=1, title="Other", rule="FREQ=DAILY;COUNT=2")
    assert (changed.version, changed.over_at is not None) == (2, True)
    with pytest.raises(Conflict):
        actions.update(system, made.id, version=1, title="Third")
    with pytest.raises(Invalid) as refused:
        actions.update(system, made.id, version=2, covers="tags")
    assert list(refused.value.fields) == ["tags"]


def test_cancel_ends_a_window_once_and_needs_a_reason(raw, system):
    made = plan(system)
    actions.cancel(system, made.id, reason="Not needed")
    with pytest.raises(Invalid, match="cancelled"):
        actions.cancel(system, made.id, reason="Again")
    with pytest.raises(Invalid, match="cancelled"):
        actions.update(system, made.id, version=2, title="Other")
    assert raw("SELECT reason FROM audit_entry WHERE action = 'maintenance.cancel'")[0].reason == "Not needed"
    assert running.load().at(utc_now(), uuid4(), []) is None


def test_who_may_not_plans_nothing(raw, actor_of):
    for role in ("admin", "support"):
        with pytest.raises(Denied):
            plan(actor_of(role))
    assert raw("SELECT count(*) AS n FROM maintenance_window")[0].n == 0
    assert {one.outcome for one in raw("SELECT outcome FROM audit_entry")} == {"denied"}


def test_who_does_not_see_all_tenants_plans_for_monitors_in_sight_alone(system, actor_of, db):
    monitor = monitors.create(system, name="API", kind="push", settings={}).monitor
    grants = frozenset({"monitors:read", "monitors:update"})
    scoped = actor_of("client_success", grants=grants)
    with pytest.raises(Denied):
        plan(scoped)
    with pytest.raises(NotFound):
        plan(scoped, covers="monitors", monitor_ids=[monitor.id])
    made = plan(system, covers="monitors", monitor_ids=[monitor.id])
    with pytest.raises(NotFound):
        queries.one(scoped, made.id)
    assert queries.windows(scoped).frame.empty

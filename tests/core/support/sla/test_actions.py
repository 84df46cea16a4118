"""Calendars and policies: what is stored and recorded, and what is refused."""

import pytest

from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.kernel.models import uuid7
from core.support.sla import actions, queries, writing
from tests.core.support.sla.conftest import OFFICE_HOURS

TARGETS = {"urgent": {"first_response": 3600, "resolution": 4 * 3600}}


@pytest.fixture
def admin(actor_of):
    return actor_of("support_admin")


@pytest.fixture
def policy(admin, office):
    return actions.create_policy(
        admin, name="Enterprise", position=10, calendar_id=office.id, conditions={"tier": ["enterprise"], "region": []},
        targets=TARGETS,
    )  # fmt: skip


def recorded(raw, action):
    entries = raw("SELECT outcome FROM audit_entry WHERE action = :action", action=action)
    events = raw("SELECT id FROM event WHERE type = :action", action=action)
    return [one.outcome for one in entries], len(events)


def test_a_calendar_is_stored_with_its_holidays(raw, office, admin):
    (row,) = raw("SELECT * FROM sla_calendar WHERE name = 'Berlin'")
    assert (row.time_zone, row.is_always, row.periods) == ("Europe/Berlin", False, OFFICE_HOURS)
    assert queries.calendar(admin, office.id)["holidays"] == {"2026-12-25": "Christmas"}
    assert recorded(raw, "sla.create_calendar") == (["done"], 1)
    listed = queries.calendars(admin)
    assert list(listed["name"]) == ["Always", "Berlin", "Business hours"]
    assert list(listed["policies"]) == [1, 0, 0]


def test_other_holidays_make_another_version(raw, office, admin):
    days = {"2026-12-25": "Christmas Day", "2027-01-01": "New Year"}
    actions.update_calendar(admin, office.id, version=1, holidays=days)
    known = queries.calendar(admin, office.id)
    assert (known["holidays"], known["version"]) == (days, 2)
    assert recorded(raw, "sla.update_calendar") == (["done"], 1)
    with pytest.raises(Conflict):
        actions.update_calendar(admin, office.id, version=1, holidays={})
    assert queries.calendar(admin, office.id)["holidays"] == days


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"name": " "}, "name of 1 to"), ({"time_zone": "Mars/Base"}, "no time zone"),
        ({"periods": [[0, 540, 720], [0, 700, 800]]}, "Monday has periods that overlap: 09:00 to 12:00 and 11:40 to 13:20"),
        ({"periods": [[0, 720, 540]]}, "begins before it ends"), ({"periods": [[7, 0, 60]]}, "begins before it ends"),
        ({"periods": []}, "at least one working period"), ({"holidays": {"25.12.": "Christmas"}}, "no day"),
        ({"periods": [["x", 1, 2]]}, "This is no periods"), ({"archived_at": None}, "cannot be edited here"),
    ],
)  # fmt: skip
def test_a_calendar_that_makes_no_sense_is_refused(raw, office, admin, values, told):
    with pytest.raises(Invalid, match=told):
        actions.update_calendar(admin, office.id, version=1, **values)
    with pytest.raises(Invalid, match=told):
        actions.create_calendar(admin, **{"name": "Other", "periods": OFFICE_HOURS} | values)
    assert raw("SELECT version FROM sla_calendar WHERE id = :id", id=office.id)[0].version == 1


def test_a_calendar_that_a_policy_counts_by_cannot_be_archived(raw, office, admin, policy):
    with pytest.raises(Invalid, match="The policy Enterprise counts by this calendar"):
        actions.archive_calendar(admin, office.id, version=1)
    actions.archive_policy(admin, policy.id, version=1)
    actions.archive_calendar(admin, office.id, version=1)
    assert recorded(raw, "sla.archive_calendar") == (["done"], 1)
    assert recorded(raw, "sla.archive_policy") == (["done"], 1)
    assert "Berlin" not in set(queries.calendars(admin)["name"])
    with pytest.raises(Invalid, match="archived"):
        actions.update_calendar(admin, office.id, version=2, name="Again")
    with pytest.raises(Invalid, match="archived"):
        actions.create_policy(admin, name="New", calendar_id=office.id, targets=TARGETS)
    with pytest.raises(Invalid, match="archived"):
        actions.update_policy(admin, policy.id, version=2, name="Again")


def test_a_policy_is_stored_and_changed(raw, admin, policy, office):
    known = queries.policy(admin, policy.id)
    assert (known["conditions"], known["targets"], known["pauses_in"]) == (
        {"tier": ["enterprise"]},
        TARGETS,
        ["waiting"],
    )
    changed = actions.update_policy(admin, policy.id, version=1, position=2000, pauses_in=[])
    assert (changed.position, changed.pauses_in, changed.version) == (2000, [], 2)
    assert list(queries.policies(admin)["name"]) == ["Standard", "Enterprise"]
    assert (recorded(raw, "sla.create_policy"), recorded(raw, "sla.update_policy")) == ((["done"], 1), (["done"], 1))


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"targets": {}}, "at least one target"), ({"targets": {"urgent": {"resolution": 59}}}, "from 1 minute"),
        ({"targets": {"grave": {"resolution": 60}}}, "by priority"), ({"targets": {"low": {"lunch": 60}}}, "by priority"),
        ({"conditions": {"tier": ["gold"]}}, "There is no tier gold"),
        ({"conditions": {"mood": ["bad"]}}, "Nothing is chosen by mood"),
        ({"pauses_in": ["closed"]}, "Clocks can pause"), ({"position": -1}, "position"),
        ({"pauses_in": ["open", "in_progress", "waiting", "reopened"]}, "must run in one"), ({"calendar_id": "x"}, "no calendar"),
    ],
)  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused(raw, admin, policy, values, told):
    with pytest.raises(Invalid, match=told):
        actions.update_policy(admin, policy.id, version=1, **values)
    assert raw("SELECT version FROM sla_policy WHERE id = :id", id=policy.id)[0].version == 1


def test_a_policy_needs_a_calendar_that_exists(admin, policy):
    with pytest.raises(NotFound):
        actions.update_policy(admin, policy.id, version=1, calendar_id=uuid7())


def test_who_may_only_read_settings_changes_nothing(raw, actor_of, office, policy):
    reader = actor_of("support")
    assert len(queries.policies(reader)) == 2
    with pytest.raises(Denied):
        actions.create_calendar(reader, name="Mine", periods=OFFICE_HOURS)
    with pytest.raises(Denied):
        actions.update_calendar(reader, office.id, version=1, name="Mine")
    with pytest.raises(Denied):
        actions.update_policy(reader, policy.id, version=1, name="Mine")
    with pytest.raises(Denied):
        queries.calendars(actor_of("hotline_operator"))
    assert recorded(raw, "sla.create_calendar") == (["done", "denied"], 1)


def test_hours_and_holidays_are_read_as_they_are_written():
    lines = ["9-12, 13:00 - 17:30", "", "00:00-24:00", "", "", "", "22 to 24"]
    periods = writing.periods_of(lines)
    assert periods == [[0, 540, 720], [0, 780, 1050], [2, 0, 1440], [6, 1320, 1440]]
    assert writing.periods_of(writing.hours_of(periods)) == periods
    written = "2026-12-25 Christmas\n\n2027-01-01"
    days = {day.isoformat(): name for day, name in writing.holidays_of(written).items()}
    assert days == {"2026-12-25": "Christmas", "2027-01-01": "Holiday"}
    assert writing.days_of(days) == "2026-12-25 Christmas\n2027-01-01 Holiday"


@pytest.mark.parametrize("line", ["nine to five", "9", "9-25", "09:61-10:00", "9-12; 13-17"])
def test_hours_that_cannot_be_read_are_refused_with_their_day(line):
    with pytest.raises(Invalid, match="Tuesday: write hours as"):
        writing.periods_of(["", line, "", "", "", "", ""])


def test_a_holiday_that_cannot_be_read_is_refused():
    with pytest.raises(Invalid, match="is no holiday"):
        writing.holidays_of("Christmas")

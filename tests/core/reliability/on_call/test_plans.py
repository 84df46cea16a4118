"""Schedules, rotations, overrides and policies: what is written, who may, and that the past stays what it was."""

from datetime import UTC, datetime, timedelta

import pytest

from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.kernel.times import utc_now
from core.reliability.on_call import actions, feed, overrides, policies, queries, rotations
from tests.core.reliability.on_call.given import SYSTEM, colleague, policy, schedule

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def admin(actor_of):
    return actor_of("admin")


def layer(people, since, **values):
    return {"name": "Weekly", "starts_at": since, "operator_ids": people, **values}


def test_a_schedule_is_made_renamed_and_archived_with_audit_and_event(admin, raw):
    made = actions.create_schedule(admin, name=" Primary ", time_zone="Europe/Berlin")
    with pytest.raises(Invalid, match="already"):
        actions.create_schedule(admin, name="primary")
    actions.update_schedule(admin, made.id, version=1, name="First line")
    with pytest.raises(Conflict):
        actions.update_schedule(admin, made.id, version=1, description="late")
    actions.archive_schedule(admin, made.id)
    with pytest.raises(Invalid, match="archived"):
        actions.issue_feed(admin, made.id)
    kinds = [row.type for row in raw("SELECT type FROM event ORDER BY occurred_at, id")]
    assert kinds == ["on_call.create_schedule", "on_call.update_schedule", "on_call.archive_schedule"]
    assert len(raw("SELECT 1 FROM audit_entry WHERE action LIKE 'on_call.%' AND outcome = 'done'")) == 3


def test_who_only_reads_plans_nothing(actor_of, raw):
    reader, made = actor_of("support"), schedule()
    with pytest.raises(Denied):
        actions.create_schedule(reader, name="Mine")
    with pytest.raises(Denied):
        rotations.set_rotations(reader, made.id, rotations=[])
    with pytest.raises(Denied):
        queries.on_call_now(actor_of("hotline_operator"))
    assert queries.on_call_now(reader)["schedule"].tolist() == ["Primary"]
    assert raw("SELECT count(*) FROM on_call_rotation")[0][0] == 0


def test_now_says_who_until_when_and_who_is_next(admin):
    ann, ben = colleague("Ann"), colleague("Ben")
    begun = utc_now().replace(second=0, microsecond=0) - 2 * timedelta(days=1)
    schedule("Primary", [ann, ben], since=begun)
    schedule("Empty")
    found = queries.on_call_now(admin).set_index("schedule")
    row = found.loc["Primary"]
    assert (row["operator"], row["next_operator"]) == ("Ann", "Ben")
    # The rotation counts from when it was made: the past is not rewritten.
    assert row["since"] > begun
    assert abs((row["until"] - begun) - timedelta(days=7)) <= HOUR
    assert row["next_at"] == row["until"]
    assert found.loc["Empty"].drop(["schedule_id", "time_zone"]).isna().all()


def test_an_edit_counts_from_now_and_leaves_the_past(admin, raw):
    ann, ben = colleague("Ann"), colleague("Ben")
    begun = utc_now() - timedelta(days=3)
    made = schedule("Primary", [ann], since=begun)
    raw("UPDATE on_call_rotation SET effective_at = NULL")
    (before,) = queries.rotations(admin, made.id)
    version = queries.one(admin, made.id)["version"]
    given = [layer([ben], before.starts_at, id=before.id), layer([ann], utc_now() + HOUR, name="Above")]
    rotations.set_rotations(admin, made.id, rotations=given, version=version)
    with pytest.raises(Conflict):
        rotations.set_rotations(admin, made.id, rotations=[], version=version)
    now = utc_now()
    shifts = queries.course(admin, start=begun + HOUR, end=now + 2 * HOUR)
    assert shifts["operator"].tolist() == ["Ann", "Ben", "Ann"]
    assert abs(shifts["ends_at"].iloc[0] - now) < timedelta(minutes=1)
    rotations.set_rotations(admin, made.id, rotations=[])
    after = queries.course(admin, start=begun + HOUR, end=now + 2 * HOUR)
    assert after["operator"].dropna().tolist()[0] == "Ann"
    assert after["operator"].isna().iloc[-1]
    # What was to come was taken out, what had been in force has ended.
    assert [row.name for row in raw("SELECT name FROM on_call_rotation ORDER BY ends_at")] == ["Weekly", "Weekly"]


def test_what_was_planned_long_ago_and_has_not_begun_is_taken_out(admin, raw):
    made = schedule("Primary", [colleague("Ann")], since=utc_now() + HOUR)
    raw("UPDATE on_call_rotation SET effective_at = now() - interval '2 days'")
    rotations.set_rotations(admin, made.id, rotations=[])
    assert raw("SELECT count(*) FROM on_call_rotation")[0].count == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"operator_ids": []}, "at least one colleague"), ({"unit": "week", "length": 60}, "at most 52 weeks"),
        ({"name": " "}, "1 to 100"), ({"ends_at": datetime(2020, 1, 1, tzinfo=UTC)}, "end after it begins"),
        ({"starts_at": datetime(2026, 1, 1)}, "time with its zone"), ({"unit": "year"}, "Choose one of"),  # noqa: DTZ001
        ({"periods": [[0, 60, 120], [0, 90, 200]]}, "overlap"),
    ],
)  # fmt: skip
def test_a_rotation_that_makes_no_sense_is_refused_with_its_name(admin, raw, values, said):
    made = schedule()
    given = layer([colleague("Ann")], datetime(2026, 1, 1, tzinfo=UTC)) | values
    with pytest.raises(Invalid, match=said):
        rotations.set_rotations(admin, made.id, rotations=[given])
    assert raw("SELECT count(*) FROM on_call_rotation")[0][0] == 0


def test_the_time_zone_of_a_schedule_with_rotations_stays(admin):
    made = schedule("Primary", [colleague("Ann")])
    with pytest.raises(Invalid, match="would move every hand-over"):
        actions.update_schedule(admin, made.id, time_zone="UTC")
    empty = schedule("Empty")
    assert actions.update_schedule(admin, empty.id, time_zone="UTC").time_zone == "UTC"


def test_an_override_stands_in_and_keeps_what_it_was_when_it_is_cancelled(admin, raw):
    ann, ben = colleague("Ann"), colleague("Ben")
    made, now = schedule("Primary", [ann]), utc_now()
    row = overrides.override(
        admin, made.id, operator_id=ben, starts_at=now - HOUR, ends_at=now + HOUR, reason="Dentist"
    )
    assert row.starts_at >= now
    assert queries.on_call_now(admin)["operator"].tolist() == ["Ben"]
    listed = queries.overrides(admin)
    assert listed[["operator", "reason", "created_by_name"]].values.tolist() == [["Ben", "Dentist", admin.name]]
    raw("UPDATE on_call_override SET starts_at = :at", at=now - HOUR / 2)
    overrides.cancel_override(admin, row.id)
    with pytest.raises(Invalid, match="over already"):
        overrides.cancel_override(admin, row.id)
    assert queries.on_call_now(admin)["operator"].tolist() == ["Ann"]
    (kept,) = raw("SELECT cancelled_at, ends_at FROM on_call_override")
    assert (kept.cancelled_at, kept.ends_at < utc_now()) == (None, True)
    with pytest.raises(Invalid, match="is over"):
        overrides.override(admin, made.id, operator_id=ben, starts_at=now - 2 * HOUR, ends_at=now - HOUR)


def test_a_swap_exchanges_two_shifts_of_two_colleagues(admin):
    ann, ben = colleague("Ann"), colleague("Ben")
    made = schedule("Primary", [ann, ben], unit="day")
    shifts = queries.course(admin, start=utc_now() + HOUR, end=utc_now() + timedelta(days=4))
    first, second, third = (tuple(shifts.iloc[place][["starts_at", "ends_at"]]) for place in (0, 1, 2))
    with pytest.raises(Invalid, match="same colleague"):
        overrides.swap(admin, made.id, first=first, second=third)
    with pytest.raises(Invalid, match="two whole shifts"):
        overrides.swap(admin, made.id, first=(first[0], second[1]), second=third)
    overrides.swap(admin, made.id, first=first, second=second, reason="Holiday")
    after = queries.course(admin, start=utc_now() + HOUR, end=utc_now() + timedelta(days=4))
    assert [after["operator"].iloc[0], after["operator"].iloc[1]] == ["Ben", "Ann"]


def test_a_colleague_out_of_service_is_not_put_on_call(admin, raw):
    ann = colleague("Ann")
    made = schedule()
    raw("UPDATE operator SET disabled_at = now() WHERE id = :id", id=ann)
    now = utc_now()
    with pytest.raises(Invalid, match="not in service"):
        overrides.override(admin, made.id, operator_id=ann, starts_at=now, ends_at=now + HOUR)
    with pytest.raises(Invalid, match="not in service"):
        rotations.set_rotations(admin, made.id, rotations=[layer([ann], now)])


def test_a_policy_names_only_what_there_is(admin):
    ann, made = colleague("Ann"), schedule("Primary")
    with pytest.raises(Invalid, match="calls nobody"):
        policy((0, [], [], []))
    with pytest.raises(Invalid, match="later than the one before"):
        policy((5, [made.id], [], []), (5, [], [ann], []))
    with pytest.raises(Invalid, match="does not exist, or is archived"):
        policy((0, [ann], [], []))
    row = policy((0, [made.id], [], []), (10, [], [ann], []), repeats=2)
    with pytest.raises(Invalid, match="The policy Default calls this schedule"):
        actions.archive_schedule(admin, made.id)
    policies.archive_policy(admin, row.id, version=1)
    actions.archive_schedule(admin, made.id)
    with pytest.raises(Invalid, match="archived"):
        policies.update_policy(admin, row.id, repeats=1)


def test_the_feed_opens_by_its_token_alone_until_it_is_revoked(admin, raw):
    ann = colleague("Ann")
    made = schedule("Primary", [ann])
    issued = actions.issue_feed(admin, made.id)
    token = issued.address.rsplit("/", 1)[1].removesuffix(".ics")
    assert b"SUMMARY:Ann on call: Primary" in feed.calendar(token).text.replace(b"\r\n ", b"")
    assert token not in str(raw("SELECT changes, details FROM audit_entry WHERE action = 'on_call.issue_feed'"))
    second = actions.issue_feed(admin, made.id)
    with pytest.raises(NotFound):
        feed.calendar(token)
    actions.revoke_feed(admin, made.id)
    with pytest.raises(NotFound):
        feed.calendar(second.address.rsplit("/", 1)[1].removesuffix(".ics"))
    with pytest.raises(Invalid, match="no calendar feed"):
        actions.revoke_feed(SYSTEM, made.id)

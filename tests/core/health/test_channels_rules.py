"""Whom an alert is told to, by severity, area and hours; when a message is tried again; what a URL may be."""

from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.health.channels import rules
from core.health.channels.kinds import KINDS, kind_of
from core.health.channels.mailing import addresses_of
from core.kernel.errors import Invalid

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
FRESH = {
    "severities": [], "areas": [], "weekdays": [], "starts_at": None, "ends_at": None, "time_zone": "UTC",
    "continues": False, "is_enabled": True,
}  # fmt: skip


def route(name: str = "route", **values: object) -> SimpleNamespace:
    return SimpleNamespace(**(FRESH | {"name": name} | values))


def names(routes: list, at: datetime = MONDAY, severity: str = "critical", area: str = "servers") -> list[str]:
    return [one.name for one in rules.chosen(routes, severity=severity, area=area, at=at)]


def test_the_first_route_that_matches_ends_the_search_unless_it_continues():
    routes = [route("all", continues=True), route("critical", severities=["critical"]), route("rest")]
    assert names(routes) == ["all", "critical"]
    assert names(routes, severity="info") == ["all", "rest"]


def test_a_disabled_route_and_one_of_another_area_are_passed_by():
    routes = [route("off", is_enabled=False), route("providers", areas=["providers"]), route("rest")]
    assert names(routes) == ["rest"]
    assert names(routes, area="providers") == ["providers"]
    assert names([]) == []


@pytest.mark.parametrize(
    ("hour", "day", "expected"),
    [(7, 0, False), (8, 0, True), (17, 0, True), (18, 0, False), (9, 5, False)],
)
def test_office_hours(hour, day, expected):
    office = route(weekdays=[0, 1, 2, 3, 4], starts_at=time(8), ends_at=time(18))
    assert rules.is_in_hours(office, MONDAY + timedelta(days=day, hours=hour)) is expected


def test_hours_are_those_of_the_routes_own_zone_in_summer_and_in_winter():
    office = route(starts_at=time(9), ends_at=time(17), time_zone="Europe/Berlin")
    assert rules.is_in_hours(office, datetime(2026, 1, 15, 8, tzinfo=UTC))  # 09:00 in winter
    assert not rules.is_in_hours(office, datetime(2026, 1, 15, 7, tzinfo=UTC))
    assert rules.is_in_hours(office, datetime(2026, 7, 15, 7, tzinfo=UTC))  # 09:00 in summer
    assert not rules.is_in_hours(office, datetime(2026, 7, 15, 15, tzinfo=UTC))


def test_a_night_shift_belongs_to_the_day_on_which_it_began():
    friday_night = route(weekdays=[4], starts_at=time(22), ends_at=time(6))
    friday = MONDAY + timedelta(days=4)
    assert rules.is_in_hours(friday_night, friday + timedelta(hours=23))
    assert rules.is_in_hours(friday_night, friday + timedelta(hours=29))  # Saturday, 05:00
    assert not rules.is_in_hours(friday_night, friday + timedelta(hours=5))  # Friday, 05:00
    assert not rules.is_in_hours(friday_night, friday + timedelta(hours=30))


@given(some.times(), some.times(), some.timedeltas(timedelta(), timedelta(days=365)))
def test_hours_and_their_complement_cover_the_day_exactly_once(begins, ends, since):
    at = MONDAY + since
    if begins == ends:
        assert rules.is_in_hours(route(starts_at=begins, ends_at=ends), at)
        return
    one, other = route(starts_at=begins, ends_at=ends), route(starts_at=ends, ends_at=begins)
    assert rules.is_in_hours(one, at) is not rules.is_in_hours(other, at)


def test_a_failed_message_is_tried_again_four_times_ever_later():
    moments = [rules.next_attempt(attempts, now=MONDAY) for attempts in range(1, 6)]
    assert [at - MONDAY for at in moments[:4] if at] == [timedelta(seconds=s) for s in (10, 60, 300, 1_800)]
    assert moments[4] is None


@pytest.mark.parametrize(
    "url", ["", "ops@example.com", "dbus://", "syslog://", "exec://ls", "file:///etc/passwd", "json://h?verify=no",
            "mailtos://u:p@h?pgpprv=/etc/passwd", "slack://a/b/c?template=/etc/passwd", "workflows://h/a/b?Template=x",
            "json://" + "x" * 2_000],
)  # fmt: skip
def test_what_is_no_service_or_reads_files_is_refused(url):
    with pytest.raises(Invalid) as told:
        kind_of(url)
    assert "url" in told.value.fields


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_that_is_shown_for_each_kind_is_one_that_is_taken(kind):
    assert kind_of(KINDS[kind].form) == kind


def test_addresses_of_a_mail_channel():
    assert addresses_of("mail://a@x.example, b@x.example;a@x.example/") == ["a@x.example", "b@x.example"]
    for bad in ("mail://", "mail://ops", "mail://a@x.example,b", "mail://a@x.example\nBcc: c@x.example"):
        with pytest.raises(Invalid):
            addresses_of(bad)


def test_a_route_says_all_that_is_wrong_with_it():
    given = {
        "name": " ",
        "severities": ["grave"],
        "time_zone": "Mars/Base",
        "escalate_after_minutes": 0,
        "weekdays": [7],
    }
    with pytest.raises(Invalid) as told:
        rules.clean_route(given, severities=("critical",), areas=("servers",))
    assert set(told.value.fields) == {"name", "severities", "time_zone", "escalate_after_minutes", "weekdays"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"channel_ids": []}, "channel_ids"), ({"starts_at": time(8)}, "ends_at"),
     ({"escalate_after_minutes": 5}, "escalation_channel_ids"), ({"escalation_channel_ids": [1]}, "escalation_channel_ids"),
     ({"repeat_every_minutes": 5}, "repeat_every_minutes")],
)  # fmt: skip
def test_a_route_must_be_sound_as_a_whole(wrong, field):
    sound = {
        "channel_ids": [1],
        "escalate_after_minutes": None,
        "escalation_channel_ids": [],
        "repeat_every_minutes": None,
    }
    rules.require_sound(route(**sound))
    with pytest.raises(Invalid) as told:
        rules.require_sound(route(**(sound | wrong)))
    assert set(told.value.fields) == {field}

"""Working time against properties and against a slow reference that looks at every minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.support.sla import worktime

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = {
    "time_zone": "Europe/Berlin", "is_always": False, "holidays": {"2026-12-25": "Christmas"},
    "periods": [[day, 9 * 60, 17 * 60] for day in range(5)],
}  # fmt: skip
MINUTE = timedelta(minutes=1)
# Half-hour and whole-day changes, changes at midnight, both hemispheres, and none at all.
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia",
         "Africa/Casablanca", "Asia/Kolkata")  # fmt: skip
# A day before a change of the clocks in one of these zones, or an ordinary day.
DAYS = ("2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-04-04", "2026-10-03", "2018-11-03", "2018-02-17",
        "2011-12-29", "2026-02-14", "2026-03-21", "2026-12-24")  # fmt: skip


@st.composite
def calendars(draw):
    """Up to three periods on some days of the week, on a grid of five minutes, and some holidays."""
    periods = []
    for weekday in draw(st.sets(st.integers(0, 6), min_size=1)):
        edges = sorted(draw(st.sets(st.integers(0, 288), min_size=2, max_size=6)))
        periods += [[weekday, 5 * first, 5 * last] for first, last in zip(edges[::2], edges[1::2], strict=False)]
    days = draw(st.sets(st.sampled_from(DAYS), max_size=8))
    holidays = {(date.fromisoformat(day) + timedelta(days=1)).isoformat(): "Closed" for day in days}
    return {"time_zone": draw(st.sampled_from(ZONES)), "is_always": False, "periods": periods, "holidays": holidays}


@st.composite
def moments(draw):
    day = datetime.fromisoformat(draw(st.sampled_from(DAYS))).replace(tzinfo=UTC)
    return day + timedelta(minutes=draw(st.integers(0, 4 * 1440)))


def works(calendar, at: datetime) -> bool:
    local = at.astimezone(ZoneInfo(calendar["time_zone"]))
    minute = local.hour * 60 + local.minute
    is_open = any(day == local.weekday() and first <= minute < last for day, first, last in calendar["periods"])
    return is_open and local.date().isoformat() not in calendar["holidays"]


def slow_seconds(calendar, start: datetime, end: datetime) -> int:
    minutes = int((end - start) / MINUTE)
    return 60 * sum(works(calendar, start + n * MINUTE) for n in range(minutes))


def test_an_hour_late_on_friday_ends_on_monday():
    start = datetime(2026, 11, 20, 16, 30, tzinfo=BERLIN)
    assert worktime.after(OFFICE, start, 3600) == datetime(2026, 11, 23, 9, 30, tzinfo=BERLIN)


@settings(max_examples=60, deadline=None)
@given(calendars(), moments(), st.integers(0, 3 * 1440))
def test_equals_the_minute_by_minute_reference(calendar, start, minutes):
    end = start + minutes * MINUTE
    assert worktime.working_seconds(calendar, start, end) == slow_seconds(calendar, start, end)


@settings(max_examples=60, deadline=None)
@given(calendars(), st.lists(moments(), min_size=3, max_size=3))
def test_time_is_additive_and_never_negative(calendar, given_moments):
    first, middle, last = sorted(given_moments)
    parts = worktime.working_seconds(calendar, first, middle) + worktime.working_seconds(calendar, middle, last)
    assert worktime.working_seconds(calendar, first, last) == parts
    assert worktime.working_seconds(calendar, last, first) == 0
    assert worktime.working_seconds(calendar, middle, middle) == 0


@settings(max_examples=60, deadline=None)
@given(calendars(), moments(), st.integers(1, 100_000))
def test_the_end_of_an_amount_is_the_earliest_moment_that_holds_it(calendar, start, seconds):
    end = worktime.after(calendar, start, seconds)
    assert worktime.working_seconds(calendar, start, end) == seconds
    assert worktime.working_seconds(calendar, start, end - timedelta(microseconds=1)) < seconds
    assert works(calendar, end - timedelta(microseconds=1))


@settings(max_examples=40, deadline=None)
@given(calendars(), moments(), st.integers(1, 3 * 1440))
def test_segments_leave_no_gap_and_work_only_in_periods(calendar, start, minutes):
    end = start + minutes * MINUTE
    found = worktime.segments(calendar, start, end)
    assert [one.start for one in found] == [start, *(one.end for one in found[:-1])]
    assert found[-1].end == end
    for one in found:
        assert one.start < one.end
        inside = slow_seconds(calendar, one.start, one.end)
        assert inside == ((one.end - one.start).total_seconds() if one.is_working else 0)
        assert one.holiday is None or not one.is_working


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 3), (date(2026, 10, 25), 5), (date(2026, 11, 1), 4)],
    ids=["an hour is skipped", "an hour is repeated", "an ordinary Sunday"],
)
def test_a_night_shift_follows_the_wall_clock_through_a_change(day, hours):
    night = OFFICE | {"periods": [[6, 0, 4 * 60]]}
    start = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
    assert worktime.working_seconds(night, start, start + timedelta(days=1)) == hours * 3600


def test_a_holiday_is_named_and_does_not_count():
    start, end = datetime(2026, 12, 24, 16, tzinfo=BERLIN), datetime(2026, 12, 28, 10, tzinfo=BERLIN)
    assert worktime.working_seconds(OFFICE, start, end) == 2 * 3600
    (closed,) = [one for one in worktime.segments(OFFICE, start, end) if one.holiday]
    assert (closed.holiday, closed.start, closed.end - closed.start) == (
        "Christmas", datetime(2026, 12, 25, tzinfo=BERLIN), timedelta(days=1),
    )  # fmt: skip


def test_around_the_clock_every_microsecond_counts():
    always = {"is_always": True, "time_zone": "UTC", "periods": [], "holidays": {}}
    start = datetime(2026, 3, 29, tzinfo=BERLIN)
    assert worktime.working_seconds(always, start, start + timedelta(microseconds=1)) == 1e-6
    assert worktime.after(always, start, 90.5) == start + timedelta(seconds=90.5)
    assert [one.is_working for one in worktime.segments(always, start, start + MINUTE)] == [True]


def test_a_calendar_that_never_works_never_ends():
    empty = OFFICE | {"periods": []}
    start = datetime(2026, 3, 2, tzinfo=BERLIN)
    assert worktime.after(empty, start, 1) is None
    assert worktime.working_seconds(empty, start, start + timedelta(days=9)) == 0

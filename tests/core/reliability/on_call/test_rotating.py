"""Rotations against a reference that goes minute by minute, and what must hold of any schedule."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.reliability.on_call.rotating import Override, Rotation, Schedule, course, joined, who

ANN, BEN, CLEO = (UUID(int=number) for number in (1, 2, 3))
MINUTE = timedelta(minutes=1)
BERLIN = Schedule("Europe/Berlin")
# The clocks are changed within each of these times: Berlin and New York, half an hour on Lord Howe, at midnight in Cairo.
CHANGES = [
    ("Europe/Berlin", datetime(2026, 3, 29, 1, tzinfo=UTC)), ("Europe/Berlin", datetime(2026, 10, 25, 1, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)), ("Australia/Lord_Howe", datetime(2026, 4, 4, 15, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)), ("UTC", datetime(2026, 6, 1, tzinfo=UTC)),
]  # fmt: skip


def local(text, zone="Europe/Berlin"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def reference(zone, rotations, overrides, start, end):
    """Who is on call in each minute: the clock is looked at minute by minute, and its furthest time so far counts the turns."""
    furthest, found, at = {}, [], min([start, *(one.starts_at.astimezone(UTC) for one in rotations)])
    while at < end:
        wall = at.astimezone(zone).replace(tzinfo=None)
        for one in rotations:
            if one.starts_at <= at:
                furthest[one.id] = max(wall, furthest.get(one.id, wall))
        if at >= start:
            found.append(holder(zone, rotations, overrides, at, wall, furthest))
        at += MINUTE
    return found


def holder(zone, rotations, overrides, at, wall, furthest):
    standing = [one for one in overrides if one.starts_at <= at < one.ends_at]
    if standing:
        return max(standing, key=lambda one: one.made_at).person
    for one in sorted(rotations, key=lambda one: -one.position):
        begun = one.starts_at <= at and (one.effective_at is None or one.effective_at <= at)
        within = not one.periods or any(
            day == wall.weekday() and first <= wall.hour * 60 + wall.minute < last for day, first, last in one.periods
        )
        if begun and within and (one.ends_at is None or at < one.ends_at):
            minutes = {"hour": 60, "day": 1440, "week": 10080}[one.unit] * one.length
            since = furthest[one.id] - one.starts_at.astimezone(zone).replace(tzinfo=None)
            return one.people[int(since.total_seconds() // 60 // minutes) % len(one.people)]
    return None


@st.composite
def periods(draw):
    first = draw(st.integers(0, 1_380))
    return draw(st.integers(0, 6)), first, draw(st.integers(first + 1, 1_440))


@st.composite
def schedules(draw):
    """A zone, rotations and overrides about a change of its clocks, and three days of it."""
    name, change = draw(st.sampled_from(CHANGES))
    start = change - timedelta(minutes=draw(st.integers(0, 2_880)))
    near = st.integers(-4_000, 3_000).map(lambda minutes: start + minutes * MINUTE)
    rotations = [
        Rotation(
            people=tuple(draw(st.lists(st.sampled_from([ANN, BEN, CLEO]), min_size=1, max_size=4))), starts_at=draw(near),
            unit=draw(st.sampled_from(["hour", "day", "week"])), length=draw(st.integers(1, 13)), position=place,
            periods=tuple(draw(st.lists(periods(), max_size=3))) if draw(st.booleans()) else (),
            ends_at=draw(st.one_of(st.none(), near)), effective_at=draw(st.one_of(st.none(), near)),
            id=UUID(int=100 + place), name=f"Layer {place}",
        )
        for place in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    overrides = [
        Override(draw(st.sampled_from([ANN, BEN])), since, since + draw(st.integers(1, 900)) * MINUTE,
                 start + place * MINUTE, UUID(int=200 + place))
        for place, since in enumerate(draw(st.lists(near, max_size=3)))
    ]  # fmt: skip
    return name, rotations, overrides, start, start + timedelta(days=3)


@settings(max_examples=60, deadline=None)
@given(schedules())
def test_a_course_is_what_a_minute_by_minute_reference_says(drawn):
    name, rotations, overrides, start, end = drawn
    shifts = course(Schedule(name), rotations, overrides, start, end)
    by_minute = [
        shift.person for shift in shifts for _ in range(int((shift.ends_at - shift.starts_at) / MINUTE))
    ]  # fmt: skip
    assert by_minute == reference(ZoneInfo(name), rotations, overrides, start, end)


@settings(max_examples=40, deadline=None)
@given(schedules(), st.integers(0, 4_319))
def test_at_any_moment_there_is_one_answer_and_no_hole(drawn, minute):
    name, rotations, overrides, start, end = drawn
    shifts = course(Schedule(name), rotations, overrides, start, end)
    assert (shifts[0].starts_at, shifts[-1].ends_at) == (start, end)
    assert all(one.ends_at == two.starts_at for one, two in pairwise(shifts))
    at = start + minute * MINUTE
    (running,) = [one for one in shifts if one.starts_at <= at < one.ends_at]
    assert running.person == who(Schedule(name), rotations, overrides, at)
    always = [one for one in rotations if not one.periods and one.is_in_force(at)]
    assert running.person is not None or not always
    assert all(one.person != two.person for one, two in pairwise(joined(shifts)))


def test_a_weekly_hand_over_stays_at_nine_when_the_clocks_change():
    layer = Rotation((ANN, BEN), local("2026-03-16T09:00"), "week", 1, id=UUID(int=9))
    shifts = course(BERLIN, [layer], [], local("2026-03-16T09:00"), local("2026-04-13T09:00"))
    hands = [one.starts_at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%d %H:%M") for one in shifts]
    assert hands == ["16 09:00", "23 09:00", "30 09:00", "06 09:00"]
    assert [one.person for one in shifts] == [ANN, BEN, ANN, BEN]
    assert shifts[1].ends_at - shifts[1].starts_at == timedelta(days=7, hours=-1)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-28", [12, 11.5, 11.5]), ("2026-10-24", [12, 12, 13])], ids=["forward", "back"]
)
def test_a_hand_over_in_the_changed_hour_comes_once(day, hours):
    """At half past two: when the clock jumps over it, or the first time that it shows it."""
    start = local(f"{day}T02:30")
    layer = Rotation((ANN, BEN, CLEO), start, "hour", 12, id=UUID(int=9))
    shifts = course(BERLIN, [layer], [], start, start + timedelta(hours=48))[:3]
    assert [(one.ends_at - one.starts_at) / timedelta(hours=1) for one in shifts] == hours
    assert [one.person for one in shifts] == [ANN, BEN, CLEO]


def test_an_override_made_later_wins_over_one_made_before():
    start = datetime(2026, 5, 1, tzinfo=UTC)
    early = Override(BEN, start, start + timedelta(hours=4), start, UUID(int=1))
    late = Override(CLEO, start + timedelta(hours=1), start + timedelta(hours=2), start + MINUTE, UUID(int=2))
    layer = Rotation((ANN,), start, id=UUID(int=9))
    shifts = course(BERLIN, [layer], [late, early], start, start + timedelta(hours=6))
    assert [one.person for one in shifts] == [BEN, CLEO, BEN, ANN]

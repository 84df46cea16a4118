"""The course of a ticket's clocks against a slow reference that walks through every minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.support.sla.course import Event, courses, due_at, sla_state
from tests.core.support.sla.test_worktime import BERLIN, OFFICE, works

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ALWAYS = {"time_zone": "UTC", "is_always": True, "periods": [], "holidays": {}}
START = datetime(2026, 11, 16, 8, tzinfo=UTC)
FIVE_DAYS = 5 * 1440
TARGETS = {
    "high": {"first_response": 3600, "next_response": 1800, "resolution": 4 * 3600},
    "low": {"first_response": 4 * 3600, "next_response": 2 * 3600, "resolution": 16 * 3600},
}


def terms(calendar=ALWAYS, pauses_in=("waiting",)):
    return {"calendar": calendar, "targets": TARGETS, "pauses_in": list(pauses_in)}


def log(*steps, priority="high", start=START):
    """Events from (minutes after the start, kind, after)."""
    events, known = [Event("created", start, None, priority)], {"status": "open", "priority": priority}
    for minutes, kind, *after in steps:
        value = after[0] if after else None
        events.append(Event(kind, start + minutes * MINUTE, known.get(kind), value))
        known[kind] = value
    return events


def hours(course, now):
    return course.elapsed_s(now) / 3600


def test_an_hour_late_on_friday_is_due_on_monday():
    start = datetime(2026, 11, 20, 16, 30, tzinfo=BERLIN)
    found = courses(terms(OFFICE), log(start=start))
    assert found["first_response"].due_at == datetime(2026, 11, 23, 9, 30, tzinfo=BERLIN)
    assert due_at(found) == found["first_response"].due_at
    assert "next_response" not in found


def test_waiting_rests_every_clock_and_a_pause_within_a_pause_rests_once():
    steps = [
        (60, "status", "waiting"),
        (120, "status", "in_progress"),
        (180, "status", "waiting"),
        (240, "status", "open"),
    ]
    found = courses(terms(pauses_in=("waiting", "in_progress")), log(*steps))
    assert hours(found["resolution"], START + 5 * HOUR) == 2
    assert [(one.is_running, one.cause.after) for one in found["resolution"].spans] == [
        (True, "high"), (False, "waiting"), (True, "open"),
    ]  # fmt: skip
    assert found["resolution"].due_at == START + 7 * HOUR


def test_first_response_stops_at_the_first_reply_alone():
    found = courses(terms(), log((30, "reply"), (90, "reply"), (120, "status", "resolved")))
    assert (found["first_response"].state, found["first_response"].stopped_at) == ("met", START + 30 * MINUTE)
    assert (found["resolution"].state, found["resolution"].stopped_at) == ("met", START + 2 * HOUR)
    assert sla_state(found, START + 3 * HOUR) == "met"


def test_next_response_holds_the_latest_cycle():
    steps = [(10, "customer"), (20, "reply"), (30, "customer"), (35, "customer"), (50, "reply"), (100, "customer")]
    found = courses(terms(), log(*steps))["next_response"]
    assert (found.state, found.started_at, found.due_at) == ("running", START + 100 * MINUTE, START + 130 * MINUTE)
    answered = courses(terms(), log(*steps[:5]))["next_response"]
    assert (answered.state, answered.started_at, answered.worked_us) == ("met", START + 30 * MINUTE, 20 * 60 * 10**6)
    resolved = courses(terms(), log(*steps, (200, "status", "resolved")))["next_response"]
    assert (resolved.state, resolved.stopped_at) == ("missed", START + 200 * MINUTE)


def test_a_reopened_ticket_goes_on_with_what_has_elapsed():
    steps = [(120, "status", "resolved"), (150, "status", "closed"), (600, "status", "reopened")]
    found = courses(terms(), log(*steps))["resolution"]
    assert (found.state, found.stopped_at, found.worked_us) == ("running", None, 120 * 60 * 10**6)
    assert found.due_at == START + 12 * HOUR
    assert [one.is_running for one in found.spans] == [True, False, True]


def test_another_priority_counts_from_the_start_and_frees_or_breaches():
    now = START + 5 * HOUR
    freed = courses(terms(), log((290, "priority", "low")))
    assert hours(freed["resolution"], now) == 5
    assert (freed["resolution"].due_at, sla_state(freed, now)) == (START + 16 * HOUR, "breached")
    assert freed["first_response"].breached_at(now) == START + 4 * HOUR
    breached = courses(terms(), log((290, "priority", "high"), priority="low"))
    assert breached["resolution"].breached_at(now) == START + 4 * HOUR


def test_what_is_over_keeps_the_target_it_was_measured_by():
    found = courses(terms(), log((200, "reply"), (210, "priority", "high"), priority="low"))
    assert (found["first_response"].state, found["first_response"].target_s) == ("met", 4 * 3600)
    assert found["resolution"].target_s == 4 * 3600


def test_shares_of_the_target_are_marked_and_a_stop_at_the_end_is_in_time():
    found = courses(terms(), log((60, "reply")))["first_response"]
    assert (found.state, found.breached_at(START + HOUR)) == ("met", None)
    assert found.marks == {level: START + level * 36 * timedelta(seconds=1) for level in (50, 75, 90, 100)}
    late = courses(terms(), log((61, "reply")))["first_response"]
    assert (late.state, late.breached_at(START + 2 * HOUR)) == ("missed", START + HOUR)


@pytest.mark.parametrize(
    ("steps", "hours_later", "state"),
    [
        ([(1, "reply")], 1.9, "ok"), ([(1, "reply")], 2, "warned"), ([(1, "reply")], 4, "breached"),
        ([(1, "reply"), (30, "status", "waiting")], 9, "paused"), ([(1, "reply"), (300, "status", "waiting")], 9, "breached"),
        ([(300, "status", "resolved")], 9, "missed"),
    ],
)  # fmt: skip
def test_the_gravest_clock_tells_the_state(steps, hours_later, state):
    assert sla_state(courses(terms(), log(*steps)), START + hours_later * HOUR) == state


def test_without_targets_there_are_no_clocks():
    content = terms() | {"targets": {"high": {"resolution": 0}}}
    assert courses(content, log()) == {}
    assert sla_state({}, START) == "none"


def test_events_of_one_moment_count_for_nothing_in_whatever_order_they_were_stored():
    steps = [(60, "status", "in_progress"), (60, "status", "waiting"), (60, "reply")]
    told = log(*steps)
    for order in ([0, 1, 2, 3], [0, 2, 1, 3], [0, 3, 2, 1]):
        found = courses(terms(), [told[place] for place in order])
        assert (found["resolution"].state, hours(found["resolution"], START + 9 * HOUR)) == ("paused", 1)


STATUSES = ("open", "in_progress", "waiting", "resolved", "closed", "reopened")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, FIVE_DAYS), st.just("status"), st.sampled_from(STATUSES)),
        st.tuples(st.integers(0, FIVE_DAYS), st.sampled_from(("reply", "customer"))),
        st.tuples(st.integers(0, FIVE_DAYS), st.just("priority"), st.sampled_from(("high", "low"))),
    ),
    max_size=10, unique_by=lambda step: step[0],
)  # fmt: skip


def slow(events, calendar, minutes):  # noqa: C901, PLR0912 (plain on purpose: the clock is checked against it)
    """Minutes elapsed per target, and whether it goes on, from a walk through every minute of the log."""
    status, answered, by_minute = "open", False, {}
    elapsed = {"first_response": 0, "resolution": 0}
    open_ = {"first_response": True, "resolution": True}
    for event in events[1:]:
        by_minute[int((event.at - START) / MINUTE)] = event
    for minute in range(minutes):
        event = by_minute.get(minute)
        if event and event.kind == "reply":
            answered, open_["first_response"], open_["next_response"] = True, False, False
        if event and event.kind == "customer" and answered and not open_.get("next_response"):
            open_["next_response"], elapsed["next_response"] = True, 0
        if event and event.kind == "status":
            if event.after in ("resolved", "closed") and status not in ("resolved", "closed"):
                open_ = dict.fromkeys(open_, False)
                answered = True
            status = event.after
            if status not in ("resolved", "closed"):
                open_["resolution"] = True
        runs = status not in ("resolved", "closed", "waiting")
        if runs and (calendar["is_always"] or works(calendar, START + minute * MINUTE)):
            for target in elapsed:
                elapsed[target] += open_[target]
    return elapsed, open_


@settings(max_examples=60, deadline=None)
@given(STEPS, st.sampled_from([OFFICE, ALWAYS]))
def test_courses_equal_the_minute_by_minute_reference(steps, calendar):
    events = log(*sorted(steps, key=lambda step: step[0]))
    now = START + (FIVE_DAYS + 1) * MINUTE
    found = courses(terms(calendar), events)
    elapsed, open_ = slow(events, calendar, FIVE_DAYS + 1)
    assert {target: one.elapsed_s(now) / 60 for target, one in found.items()} == elapsed
    assert {target: one.stopped_at is None for target, one in found.items()} == {one: open_[one] for one in elapsed}
    for one in found.values():
        over = one.elapsed_s(now) > one.target_s
        assert over == bool(one.breached_at(now)) or one.elapsed_s(now) == one.target_s
        if one.breached_at(now):
            told = slow(events, calendar, int((one.breached_at(now) - START) / MINUTE))[0]
            assert told.get(one.target, one.target_s / 60) * 60 == one.target_s

"""What monitors may be, when they are due, what their looks amount to."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.health.monitors import rules, settings
from core.health.monitors.courses import Course, Look
from core.health.monitors.planning import Plan
from core.health.monitors.probes.finding import Finding
from core.health.monitors.rules import Span, next_slot, strip
from core.kernel.errors import Invalid

T0 = datetime(2026, 11, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def look(state: str, seconds: float = 0) -> Look:
    return Look(at(seconds), Finding(state, f"is {state}"), 60)


def test_two_thousand_monitors_are_spread_over_their_interval():
    slots = sorted(next_slot(uuid4(), 60, 1_000_000.0) - 1_000_000 for _ in range(2_000))
    assert slots[0] > 0 and slots[-1] <= 60
    per_second = [sum(1 for slot in slots if second <= slot < second + 1) for second in range(60)]
    assert max(per_second) < 70, "33 on average"


@given(some.uuids(), some.integers(10, 86_400), some.floats(1e9, 2e9))
def test_slots_follow_each_other_by_the_interval(monitor_id, interval_s, moment):
    first = next_slot(monitor_id, interval_s, moment)
    assert moment < first + 1e-3 and first - moment <= interval_s + 1e-3
    assert next_slot(monitor_id, interval_s, first + 0.001) == pytest.approx(first + interval_s)


def test_a_plan_forgets_what_was_put_off_and_dropped():
    plan, one, two, three = Plan(), *sorted(uuid4() for _ in range(3))
    for place, monitor_id in enumerate((one, two, three)):
        plan.put(monitor_id, place)
    plan.put(one, 10.0)
    plan.drop(two)
    assert plan.take(5.0) == [(three, 2)]
    assert plan.take(10.0) == [(one, 10.0)]
    assert plan.next_due() == float("inf")


def test_down_needs_every_retry_to_fail_and_began_with_the_first_failure():
    course = Course("up")
    verdicts = [course.take(look("down", second), retries=2) for second in (0, 20, 40)]
    assert [one.is_retry for one in verdicts] == [True, True, False]
    assert [one.change for one in verdicts[:2]] == [None, None]
    change = verdicts[2].change
    assert (change.state, change.previous, change.at) == ("down", "up", at(0))
    assert [one.at for one in verdicts[2].settled] == [at(0), at(20), at(40)]
    assert {one.finding.state for one in verdicts[2].settled} == {"down"}


def test_a_failure_that_passes_at_a_retry_is_degraded_and_no_change():
    course = Course("up")
    course.take(look("down", 0), retries=1)
    verdict = course.take(look("up", 20), retries=1)
    assert verdict.change is None and course.failures == 0
    assert [one.finding.state for one in verdict.settled] == ["degraded", "up"]


def test_one_good_look_ends_down_and_each_failure_meanwhile_counts():
    course = Course("down")
    assert course.take(look("down", 0), retries=3).settled == [look("down", 0)]
    change = course.take(look("up", 60), retries=3).change
    assert (change.state, change.previous) == ("up", "down")


@given(some.lists(some.sampled_from(["up", "degraded", "down"]), max_size=40), some.integers(0, 4))
def test_every_look_is_settled_once_or_still_held(states, retries):
    course, settled = Course("unknown"), 0
    for place, state in enumerate(states):
        settled += len(course.take(look(state, place), retries=retries).settled)
        assert len(course.held) <= retries
    assert settled + len(course.held) == len(states)


def spans_of(*edges: tuple[float, str]) -> list[Span]:
    ends = [at(edge) for edge, _ in edges[1:]]
    return [Span(at(edge), end, state, state) for (edge, state), end in zip(edges, [*ends, None], strict=True)]


def test_the_strip_shows_a_gap_as_unknown_and_not_as_up_or_down():
    told = spans_of((0, "up"), (100, "down"), (200, "up"))
    found = strip(told, [Span(at(50), at(150), "unknown", "no checker ran")], at(0), at(300))
    assert [(span.state, span.since, span.until) for span in found] == [
        ("up", at(0), at(50)), ("unknown", at(50), at(150)), ("down", at(150), at(200)), ("up", at(200), None),
    ]  # fmt: skip


def test_the_strip_lets_a_pause_hide_a_gap():
    told = spans_of((0, "up"), (100, "paused"), (200, "up"))
    found = strip(told, [Span(at(120), at(180), "unknown", "no checker ran")], at(0), at(300))
    assert [span.state for span in found] == ["up", "paused", "up"]


@given(
    some.lists(some.tuples(some.integers(0, 500), some.sampled_from(rules.STATES)), min_size=1, max_size=10),
    some.lists(some.tuples(some.integers(-50, 500), some.integers(1, 200)), max_size=5),
)
def test_the_strip_has_no_hole_and_no_overlap(edges, holes):
    ordered = sorted(dict(edges).items())
    since, until = at(100), at(400)
    missing = [Span(at(begin), at(begin + length), "unknown", "gap") for begin, length in holes]
    found = strip(spans_of(*ordered), missing, since, until)
    if not found:
        assert ordered[0][0] >= 400
        return
    assert found[0].since == max(since, at(ordered[0][0]))
    assert found[-1].until is None or found[-1].until <= until
    for one, other in pairwise(found):
        assert one.until == other.since
    for gap in missing:
        for span in found:
            begin, end = max(span.since, gap.since), min(span.until or until, gap.until)
            assert begin >= end or span.state in ("unknown", "paused")


@pytest.mark.parametrize(
    ("kind", "given_settings", "field"),
    [
        ("http", {"url": "ftp://example.com"}, "url"),
        ("http", {"url": "https://user:secret@example.com"}, "url"),
        ("http", {"url": "https://example.com", "statuses": "200-100"}, "statuses"),
        ("http", {"url": "https://example.com", "statuses": "999"}, "statuses"),
        ("http", {"url": "https://example.com", "method": "DELETE"}, "method"),
        ("http", {"url": "https://example.com", "slow_ms": 0}, "slow_ms"),
        ("tcp", {"host": "db.example.com", "port": 70_000}, "port"),
        ("tcp", {"host": "not a host", "port": 1}, "host"),
        ("tcp", {"host": "db.example.com"}, "port"),
        ("dns", {"name": "example.com", "record_type": "ANY"}, "record_type"),
        ("tls", {"host": "example.com", "expires_days": -1}, "expires_days"),
        ("push", {"grace_s": 10**9}, "grace_s"),
        ("push", {"url": "https://example.com"}, "url"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_their_field(kind, given_settings, field):
    with pytest.raises(Invalid) as refused:
        settings.clean(kind, given_settings)
    assert list(refused.value.fields) == [field]


def test_settings_are_complete_and_have_a_target():
    clean = settings.clean("http", {"url": "https://Example.com/health", "statuses": "200-299,404"})
    assert clean["method"] == "GET" and clean["statuses"] == "200-299, 404" and clean["expires_days"] == 14
    assert settings.target_of("http", clean) == "https://example.com/health"
    assert settings.target_of("tls", settings.clean("tls", {"host": "::1"})) == "[::1]:443"
    assert settings.target_of("dns", settings.clean("dns", {"name": "Example.com."})) == "A example.com"


def test_every_bad_value_is_named():
    with pytest.raises(Invalid) as refused:
        rules.clean({"name": " ", "interval_s": 5, "timeout_s": 100, "tags": ["a b"], "kind": "tcp"})
    assert set(refused.value.fields) == {"name", "interval_s", "timeout_s", "tags", "kind"}

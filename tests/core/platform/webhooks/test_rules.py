from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.errors import Invalid
from core.platform.webhooks import rules

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
HOURS = timedelta(hours=1)


def test_schedule_is_the_standards():
    assert rules.schedule_of(None) == (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
    assert rules.schedule_of([0, 1]) == (0, 1)


@given(st.integers(1, 12), st.floats(0, 1))
def test_pauses_grow_with_jitter_and_end_with_the_schedule(attempts, random):
    again = rules.next_attempt(attempts, rules.SCHEDULE, now=NOW, random=random)
    if attempts >= len(rules.SCHEDULE):
        assert again is None
    else:
        pause = timedelta(seconds=rules.SCHEDULE[attempts])
        assert NOW + pause <= again <= NOW + pause * 1.2 + timedelta(microseconds=1)


def test_retry_after_only_lengthens_and_at_most_to_a_day():
    def wait(attempts, **asked):
        return rules.next_attempt(attempts, rules.SCHEDULE, now=NOW, random=0, retry_after=timedelta(**asked)) - NOW

    assert wait(1, minutes=10) == timedelta(minutes=10)
    assert wait(4, minutes=10) == 2 * HOURS
    assert wait(1, days=9) == 24 * HOURS


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), ("0", 0), ("999999999999", 86_400), ("Mon, 04 May 2026 12:05:00 GMT", 300),
     ("Mon, 04 May 2026 11:05:00 GMT", 0), ("Wed, 04 May 2033 12:05:00 GMT", 86_400)],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_a_date(header, seconds):
    assert rules.retry_after_of(header, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "²", "Mon, 99 May 2026 12:05:00 GMT"])
def test_retry_after_that_cannot_be_read_asks_for_nothing(header):
    assert rules.retry_after_of(header, now=NOW) is None


def test_breaker_opens_after_five_and_rests_longer_each_time_up_to_ten_minutes():
    rests = [rules.rest_after(failures) for failures in range(14)]
    assert rests[:5] == [None] * 5
    assert rests[5:9] == [timedelta(seconds=s) for s in (30, 60, 120, 240)]
    assert rests[-1] == rules.rest_after(10_000) == timedelta(minutes=10)


def test_five_days_of_failure_count_from_the_last_enabling():
    long_ago = NOW - timedelta(days=9)
    assert rules.is_failing_too_long(NOW - timedelta(days=5), long_ago, now=NOW)
    assert not rules.is_failing_too_long(NOW - timedelta(days=5), NOW - timedelta(days=4), now=NOW)
    assert not rules.is_failing_too_long(NOW - timedelta(days=4, hours=23), long_ago, now=NOW)
    assert not rules.is_failing_too_long(None, long_ago, now=NOW)


@pytest.mark.parametrize(
    ("patterns", "event", "heard"),
    [(["*"], "tenants.suspend", True), (["tenants.*"], "tenants.suspend", True), (["tenants.*"], "users.create", False),
     (["tenants.suspend"], "tenants.suspend", True), (["tenants.suspend"], "tenants.suspended", False), ([], "x.y", False)],
)  # fmt: skip
def test_patterns(patterns, event, heard):
    assert rules.wants(patterns, event) is heard


@given(st.lists(st.tuples(st.integers(), st.sampled_from("abc"))), st.integers(0, 20))
def test_owners_take_turns(waiting, most):
    chosen = rules.take_turns(waiting, most)
    assert len(chosen) == min(most, len(waiting))


def test_an_owner_of_many_does_not_come_before_an_owner_of_one():
    waiting = [(f"a{n}", "a") for n in range(50)] + [("b0", "b"), ("c0", "c"), ("c1", "c")]
    assert rules.take_turns(waiting, 5) == ["a0", "b0", "c0", "a1", "c1"]


def test_all_bad_fields_are_named_at_once():
    with pytest.raises(Invalid) as caught:
        rules.clean(
            {"name": " ", "events": ["No Such"], "timeout_s": 0, "signing": "v2", "retry_after_s": [1.5], "id": 1}
        )
    assert set(caught.value.fields) == {"name", "events", "timeout_s", "signing", "retry_after_s", "id"}


def test_everything_swallows_other_patterns():
    assert rules.clean({"events": ["tenants.*", "*"]}) == {"events": ["*"]}


@pytest.mark.parametrize(("text", "seconds"), [("0, 5, 5m, 2h", [0, 5, 300, 7200]), ("", None), ("30s;1h", [30, 3600])])
def test_schedule_as_text(text, seconds):
    assert rules.parse_schedule(text) == seconds
    if seconds:
        assert rules.parse_schedule(rules.show_schedule(seconds)) == seconds


@pytest.mark.parametrize("text", ["soon", "5x", "-1"])
def test_schedule_that_is_none_is_refused(text):
    with pytest.raises(Invalid, match="not a pause"):
        rules.parse_schedule(text)

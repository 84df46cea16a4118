"""What makes a component healthy, and the whole."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.health.components import rules
from core.health.components.rules import STATUSES, Finding
from core.health.servers.rules import busy_ratio, rate, state_of

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
RANK = {"healthy": 0, "degraded": 1, "down": 2}


@given(some.lists(some.sampled_from(STATUSES)))
def test_overall_is_the_worst_of_what_is_known(statuses):
    known = [status for status in statuses if status in RANK]
    assert rules.overall(statuses) == (max(known, key=RANK.__getitem__) if known else "unknown")


@pytest.mark.parametrize(
    ("latency", "status"), [(0, "healthy"), (99.9, "healthy"), (100, "degraded"), (4_000, "degraded")]
)
def test_database_is_degraded_from_100_ms(latency, status):
    assert rules.by_latency(latency, rules.DATABASE_LIMIT_MS).status == status


@pytest.mark.parametrize(
    ("age", "status"),
    [(None, "down"), (3, "healthy"), (10, "healthy"), (10.1, "degraded"), (25, "degraded"), (26, "down")],
)
def test_process_is_judged_by_the_age_of_its_heartbeat(age, status):
    assert rules.by_beat("worker", 1, None if age is None else timedelta(seconds=age)).status == status


@pytest.mark.parametrize(
    ("depth", "oldest", "status"),
    [(0, None, "healthy"), (5, 30, "healthy"), (1, 61, "degraded"), (1_001, 1, "degraded"), (1, 301, "down")],
)
def test_queue_is_judged_by_depth_and_age(depth, oldest, status):
    assert rules.by_queue(depth, None if oldest is None else timedelta(seconds=oldest)).status == status


@pytest.mark.parametrize(("used", "status"), [(0.5, "healthy"), (0.85, "degraded"), (0.95, "down")])
def test_disk_is_judged_by_how_full_it_is(used, status):
    assert rules.by_disk(used, 2**30).status == status


def test_finding_older_than_90_s_is_unknown_and_says_what_it_was():
    found = Finding("healthy", "Answers.", 1.0)
    assert rules.as_of(found, NOW - timedelta(seconds=90), NOW) == found
    old = rules.as_of(found, NOW - timedelta(seconds=91), NOW)
    assert old.status == "unknown"
    assert "it was healthy" in old.detail
    assert rules.as_of(found, None, NOW).status == "unknown"


def test_availability_counts_only_what_was_observed():
    day = timedelta(days=1)
    assert rules.availability({}, day) == rules.Availability(0.0, None, "unknown")
    assert rules.availability({"unknown": 2_880}, day).available_ratio is None
    half = rules.availability({"healthy": 1_440}, day)
    assert (half.observed_ratio, half.available_ratio, half.status) == (0.5, 1.0, "healthy")
    assert rules.availability({"healthy": 2_800, "down": 80}, day).status == "down"
    assert rules.availability({"healthy": 2_870, "down": 10}, day).status == "degraded"
    assert rules.availability({"healthy": 2_000, "degraded": 880}, day).status == "degraded"
    assert rules.availability({"healthy": 3_000}, day).observed_ratio == 1.0


def test_rate_is_not_known_without_a_reading_before_or_after_a_restart():
    assert rate(100, 300, 10) == 20
    assert rate(None, 300, 10) is None
    assert rate(300, 100, 10) is None
    assert rate(100, 300, 0) is None


def test_busy_ratio_leaves_out_idle_and_waiting_and_counts_guests_once():
    before = {"user": 10.0, "system": 5.0, "idle": 100.0, "iowait": 1.0, "guest": 4.0}
    after = {"user": 12.0, "system": 6.0, "idle": 105.0, "iowait": 3.0, "guest": 6.0}
    assert busy_ratio(before, after) == pytest.approx(0.3)
    assert busy_ratio(after, after) == 0.0


@pytest.mark.parametrize(("age", "state"), [(5, "reporting"), (31, "late"), (91, "silent")])
def test_host_is_late_after_three_missing_reports_and_silent_after_nine(age, state):
    assert state_of(NOW - timedelta(seconds=age), NOW) == state
    assert state_of(NOW - timedelta(seconds=age), NOW, is_demo=True) == "silent"

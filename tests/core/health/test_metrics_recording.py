"""Metric points: series made once, points by COPY, limits, and rollups that equal the points."""

import threading
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest

from core.health.metrics import demo, recording
from core.health.metrics.models import METRIC_ROLLUP
from core.health.metrics.rules import MAX_COUNT, MAX_LABELS, identity, problem_of
from core.kernel.actor import Actor
from core.kernel.rollups import roll
from core.kernel.telemetry import record

NOW = datetime.now(UTC).replace(microsecond=0)
BEGIN = NOW - timedelta(days=3)


def point(value=1.0, name="queue.depth", kind="gauge", **more):
    return {"at": NOW, "name": name, "kind": kind, "value": value} | more


def save(points):
    with record(Actor.system("test")) as tx:
        return recording.store(tx, points)


def test_points_of_one_series_share_it_whatever_the_order_of_labels(db, raw):
    save([point(labels={"a": "1", "b": "2"}), point(3.0, labels={"b": "2", "a": "1"}), point(labels={"a": "1"})])
    found = raw("SELECT s.labels, array_agg(p.value ORDER BY p.value) AS values FROM metric_series s"
                " JOIN metric_point p ON p.series_id = s.id GROUP BY s.id ORDER BY count(*)")  # fmt: skip
    assert [(row.labels, row.values) for row in found] == [({"a": "1"}, [1.0]), ({"a": "1", "b": "2"}, [1.0, 3.0])]


def test_each_part_of_the_identity_tells_series_apart(db, raw):
    tenant = uuid4()
    save(
        [
            point(),
            point(kind="counter"),
            point(unit="s"),
            point(service="api"),
            point(tenant_id=tenant),
            point(name="x"),
        ]
    )
    assert raw("SELECT count(*) FROM metric_series")[0][0] == 6
    assert raw("SELECT tenant_id FROM metric_point WHERE tenant_id IS NOT NULL")[0][0] == tenant


def test_a_known_series_is_noted_as_seen_and_keeps_its_first_moment(db, raw):
    save([point()])
    save([point(at=NOW + timedelta(minutes=1))])
    assert raw("SELECT last_seen_at FROM metric_series")[0][0] == NOW
    save([point(at=NOW + timedelta(minutes=9)), point(at=NOW + timedelta(minutes=7))])
    row = raw("SELECT first_seen_at, last_seen_at FROM metric_series")[0]
    assert (row.first_seen_at, row.last_seen_at) == (NOW, NOW + timedelta(minutes=9))


def test_points_may_lie_on_days_that_have_no_partition_yet(db, raw):
    save([point(at=NOW - timedelta(days=6)), point(at=NOW)])
    assert raw("SELECT count(*) FROM metric_point")[0][0] == 2


def test_a_service_with_too_many_series_keeps_the_known_ones(db, raw, monkeypatch):
    monkeypatch.setattr(recording, "MAX_SERIES", 2)
    save([point(service="api", labels={"n": "0"})])
    refused = save([point(service="api", labels={"n": str(number)}) for number in range(4)] + [point(service="other")])
    assert len(refused) == 2 and set(refused) < {1, 2, 3}
    assert all("service api has 2 series already" in told for told in refused.values())
    assert raw("SELECT count(*) FROM metric_series WHERE service = 'api'")[0][0] == 2
    assert raw("SELECT count(*) FROM metric_point")[0][0] == 1 + 2 + 1


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name": " "}, "needs a name"), ({"name": "x" * 201}, "at most 200"), ({"kind": "rate"}, "kind must be"),
        ({"value": float("nan")}, "must be a number"), ({"value": float("inf")}, "must be a number"),
        ({"value": 1e301}, "must be a number"), ({"kind": "counter", "value": -1.0}, "only grows"),
        ({"count": 0}, "from 1"), ({"kind": "histogram", "count": MAX_COUNT + 1}, "from 1"), ({"count": 2}, "Only a histogram"),
        ({"labels": {str(n): "x" for n in range(MAX_LABELS + 1)}}, "21 labels"), ({"labels": {"": "x"}}, "needs a name"),
        ({"labels": {"a": "x" * 201}}, "label a has 201"), ({"labels": {"a": "\0"}}, "cannot be stored"),
        ({"unit": "\ud800"}, "cannot be stored"), ({"service": "s" * 101}, "service has 101"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_told(given, told):
    assert told in problem_of(point() | given)
    assert problem_of(point()) is None


def test_identity_is_the_same_everywhere():
    """Ids of stored series must not change with a release."""
    told = identity("queue.depth", "gauge", "1", "api", None, {"b": "2", "a": "1"})
    assert str(told) == str(identity("queue.depth", "gauge", "1", "api", None, {"a": "1", "b": "2"}))
    assert str(told) == "3ca10096-8c7d-5cff-8648-1e402515137e"


def test_batches_that_make_the_same_series_at_once_make_them_once(committed_db, committed_raw):
    points = [point(name=f"m{number}", service=f"s{number % 3}") for number in range(60)]
    problems = []

    def work(order):
        try:
            save(points[::order])
        except Exception as error:  # noqa: BLE001  (any error of a thread fails the test)
            problems.append(error)

    threads = [threading.Thread(target=work, args=(order,)) for order in (1, -1, 1, -1)]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert problems == []
    assert committed_raw("SELECT count(*) FROM metric_series")[0][0] == 60
    assert committed_raw("SELECT count(*) FROM metric_point")[0][0] == 240


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_rollups_equal_the_points_exactly(committed_db, committed_raw, seed):
    """Sums, counts, extremes and the sketch's counts, in each grain, however the points came."""
    random, expected = Random(seed), defaultdict(list)
    for _ in range(6):
        points = [_any_point(random) for _ in range(random.randint(1, 80))]
        save(points)
        for one in points:
            expected[identity(one["name"], one["kind"], "", "", None, {})].append(one)
        while roll(METRIC_ROLLUP):
            pass
    for grain in ("minute", "hour", "day"):
        rows = committed_raw(f"SELECT * FROM metric_rollup_{grain}")
        held = {(row.series_id, row.bucket): _sums(row) for row in rows}
        assert held == _expected(expected, grain), grain


def _any_point(random):
    kind = random.choice(("gauge", "histogram"))
    value, count = random.randint(-(10**6), 10**6) / 1_000, random.randint(1, 5_000) if kind == "histogram" else 1
    at = BEGIN + timedelta(seconds=random.uniform(0, 2 * 86_400))
    return point(value, f"m{random.randint(0, 2)}", kind, at=at, count=count)


def _sums(row):
    return row.total, row.count_sum, sum(row.sketch_counts), row.value_total_sum, row.value_min, row.value_max


def _expected(by_series, grain):
    groups = defaultdict(list)
    for key, points in by_series.items():
        for one in points:
            groups[key, _floor(one["at"], grain)].append(one)
    return {key: _summed(group) for key, group in groups.items()}


def _summed(group):
    count, values = sum(one["count"] for one in group), [one["value"] for one in group]
    total = sum((Decimal(str(one["value"])) * one["count"] for one in group), Decimal(0))
    return len(group), count, count, total, min(values), max(values)


def _floor(at, grain):
    clock = {"minute": {}, "hour": {"minute": 0}, "day": {"minute": 0, "hour": 0}}[grain]
    return at.replace(second=0, microsecond=0, **clock)


def test_demo_metrics_are_the_same_for_the_same_seed_and_hold_together(committed_db, committed_raw, system):
    demo.seed(system, Random(7), NOW, [uuid4()])
    by_kind = dict(committed_raw("SELECT kind, count(*) FROM metric_series GROUP BY kind"))
    assert set(by_kind) == {"gauge", "counter", "histogram"}
    days = committed_raw("SELECT sum(total), sum(count_sum), sum(value_total_sum) FROM metric_rollup_day")[0]
    hours = committed_raw("SELECT sum(total), sum(count_sum), sum(value_total_sum) FROM metric_rollup_hour")[0]
    assert tuple(days) == tuple(hours)
    assert committed_raw("SELECT min(bucket) FROM metric_rollup_hour")[0][0] < NOW - timedelta(days=85)

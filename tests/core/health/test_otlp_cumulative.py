"""Running totals and distributions: what was added, and the rows that stand for it."""

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from core.health.otlp.cumulative import FRESH, NO_START, REMEMBERED, Added, Total, added
from core.health.otlp.histograms import Explicit, Exponential, Span, from_state, rows_of

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def total(minutes, value, buckets=None):
    return Total(START + timedelta(minutes=minutes), None if value is None else Decimal(value), buckets)


def test_what_a_total_grew_by_is_added():
    assert added(total(1, 10), total(2, 17), start_at=START, known_since=None) == Added(Decimal(7))


@pytest.mark.parametrize("minutes", [1, 2])
def test_repeats_and_points_out_of_order_add_nothing(minutes):
    assert added(total(2, 17), total(minutes, 10), start_at=START, known_since=None) is None


def test_total_that_fell_is_a_restart():
    assert added(total(1, 10), total(2, 3), start_at=START, known_since=None) == Added(Decimal(3))


def test_first_point_counts_whole_only_when_all_of_it_is_new():
    young, old = total(5, 10), total(60, 10)
    assert added(None, young, start_at=START, known_since=None) == Added(Decimal(10))
    assert added(None, old, start_at=START, known_since=None) is None
    assert added(None, old, start_at=START, known_since=START - timedelta(1)) == Added(Decimal(10))
    assert added(None, old, start_at=START, known_since=START + timedelta(minutes=1)) is None
    assert added(None, young, start_at=NO_START, known_since=START - timedelta(1)) is None


def test_stream_that_was_forgotten_begins_anew_without_counting_twice():
    late = Total(START + REMEMBERED + timedelta(1), Decimal(10))
    assert added(None, late, start_at=START, known_since=START - timedelta(1)) is None
    assert FRESH < REMEMBERED


def test_other_bounds_keep_the_count_and_the_sum():
    earlier, now = Explicit((1.0,), (2, 1)), Explicit((2.0,), (5, 1))
    found = added(total(1, "3.5", earlier), total(2, "9.5", now), start_at=START, known_since=None)
    assert found == Added(Decimal(6), Explicit((), (3,)))


def test_exponential_histogram_at_a_coarser_scale_compares():
    earlier = Exponential(1, 1, 0.0, {0: 1, 1: 2, 2: 1}, {-1: 1})
    now = Exponential(0, 1, 0.0, {0: 4, 1: 1, 2: 5}, {-1: 2})
    found = now.since(earlier)
    assert found.positive == {0: 1, 1: 0, 2: 5} and found.negative == {-1: 1} and found.zero == 0
    assert found.count == now.count - earlier.count == 7


def test_a_coarser_scale_halves_the_buckets_each_time():
    found = Exponential(4, 0, 0.0, {7: 1, 8: 2, -1: 3}, {-5: 1}).coarser(2)
    assert (found.positive, found.negative) == ({1: 1, 2: 2, -1: 3}, {-2: 1})


def test_exponential_buckets_lie_where_the_data_model_says():
    spans = Exponential(1, 2, 0.0, {-2: 1, 2: 3}, {0: 4}).spans()
    edge = math.sqrt(2)
    assert [(round(span.low, 9), round(span.high, 9), span.count) for span in spans] == [
        (round(-edge, 9), -1.0, 4), (0.0, 0.0, 2), (0.5, round(edge / 2, 9), 1), (2.0, round(2 * edge, 9), 3),
    ]  # fmt: skip


def test_bucket_beyond_all_numbers_is_told():
    with pytest.raises(OverflowError):
        Exponential(0, 0, 0.0, {5_000: 1}, {}).spans()


@pytest.mark.parametrize("buckets", [Explicit((1.0, 2.5), (1, 0, 7)), Exponential(3, 1, 0.5, {-4: 2, 9: 1}, {3: 1})])
def test_state_gives_the_same_buckets_back(buckets):
    assert from_state(buckets.state()) == buckets


# A run of a counter: segments between restarts, each of growths; then sent with repeats and out of order.
RUNS = some.lists(some.lists(some.integers(0, 10**12), min_size=1, max_size=8), min_size=1, max_size=4)


@given(RUNS, some.randoms(use_true_random=False))
def test_what_is_counted_is_what_happened_through_restarts_repeats_and_disorder(runs, random):
    """Every stream is new, so all that its last point tells is counted, once."""
    at, sent, expected = START, [], 0
    for growths in runs:
        start_at, value = at, 0
        for growth in growths:
            at += timedelta(seconds=30)
            value += growth
            sent.append((start_at, Total(at, Decimal(value))))
        expected += value
    assert _counted(sent, known_since=START) == expected
    some_lost = [one for one in sent if random.random() < 0.6 or one in _lasts(sent)]
    repeated = [one for one in some_lost for _ in range(random.randint(1, 3))]
    assert _counted(repeated, known_since=START) == expected
    assert _counted(random.sample(repeated, len(repeated)), known_since=START) == expected


def _lasts(sent):
    return list({start_at: (start_at, point) for start_at, point in sent}.values())


def _counted(sent, *, known_since):
    held, counted = {}, Decimal(0)
    for start_at, point in sent:
        earlier = held.get(start_at)
        found = added(earlier, point, start_at=start_at, known_since=known_since)
        counted += found.value if found else 0
        if earlier is None or point.at > earlier.at:
            held[start_at] = point
    return counted


@given(some.lists(some.floats(0.001, 1e6), min_size=1, max_size=60), some.booleans())
def test_rows_of_a_histogram_keep_its_count_sum_and_extremes(values, has_extremes):
    bounds = (0.0, 1.0, 5.0, 25.0, 100.0, 10_000.0)
    counts = [0] * (len(bounds) + 1)
    for value in values:
        counts[sum(value > bound for bound in bounds)] += 1
    ends = {"low": min(values), "high": max(values)} if has_extremes else {}
    whole = math.fsum(values)
    rows = rows_of(Explicit(bounds, tuple(counts)).spans(), whole, **ends)
    assert sum(count for _, count in rows) == len(values)
    assert math.fsum(value * count for value, count in rows) == pytest.approx(whole, rel=1e-9)
    if has_extremes:
        assert min(value for value, _ in rows) == pytest.approx(min(values), rel=1e-9)
        assert max(value for value, _ in rows) == pytest.approx(max(values), rel=1e-9)


@given(some.lists(some.floats(0.001, 99_000), min_size=1, max_size=60))
def test_each_row_stays_in_its_bucket(values):
    bounds = (0.0, 1.0, 5.0, 25.0, 100.0, 100_000.0)
    edges = list(pairwise(bounds))
    counts = [sum(low < value <= high for value in values) for low, high in edges]
    rows = rows_of(Explicit(bounds, (0, *counts, 0)).spans(), math.fsum(values))
    full = [(edge, count) for edge, count in zip(edges, counts, strict=True) if count]
    for (value, held), ((low, high), count) in zip(rows, full, strict=True):
        assert held == count and low * (1 - 1e-9) <= value <= high * (1 + 1e-9)


@given(some.integers(1, 10**6), some.floats(-1e9, 1e9))
def test_without_buckets_the_mean_stands_for_all(count, whole):
    assume(abs(whole) > 1e-6)
    [(value, many)] = rows_of(Explicit((), (count,)).spans(), whole)
    assert many == count and value * count == pytest.approx(whole)


def test_a_sum_that_contradicts_the_buckets_leaves_the_values_in_them():
    rows = rows_of([Span(0.0, 1.0, 2), Span(1.0, 2.0, 2)], 100.0)
    assert rows == [(1.0, 2), (2.0, 2)]


def test_without_a_sum_the_middle_of_each_bucket_stands_for_it():
    assert rows_of([Span(0.0, 1.0, 2), Span(1.0, 2.0, 3)], None) == [(0.5, 2), (1.5, 3)]

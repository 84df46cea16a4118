"""Buckets: even, sticky, the same in every language."""

import math
import re
from pathlib import Path
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.platform.flags.buckets import BUCKETS, SPLIT, bucket, shares, threshold, variant_of

TEXT = st.text(max_size=60)
WEIGHTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 1000), min_size=1).filter(
    lambda one: sum(one.values())
)
VECTOR = re.compile(r"\| `(.+?)` \| `(.+?)` \| (\d+) \| (in|out) \| (\d+) \| (\w+) \|")


def test_the_documented_vectors_hold():
    rows = VECTOR.findall(Path("docs/flags.md").read_text())
    assert len(rows) == 18
    for salt, unit, place, is_in, other, variant in rows:
        assert bucket(salt, unit) == int(place), (salt, unit)
        assert (bucket(salt, unit) < threshold(25)) is (is_in == "in"), (salt, unit)
        assert bucket(salt + SPLIT, unit) == int(other), (salt, unit)
        assert variant_of({"blue": 1, "green": 1, "red": 2}, salt, unit) == variant, (salt, unit)


@given(TEXT, TEXT)
def test_any_unit_has_one_place(salt, unit):
    assert 0 <= bucket(salt, unit) < BUCKETS
    assert bucket(salt, unit) == bucket(salt, unit)


@given(TEXT, TEXT, st.decimals(0, 100, places=3), st.decimals(0, 100, places=3))
def test_raising_a_percentage_only_adds(salt, unit, one, other):
    lower, higher = sorted((one, other))
    if bucket(salt, unit) < threshold(lower):
        assert bucket(salt, unit) < threshold(higher)


def test_nothing_is_nobody_and_all_is_everybody():
    assert (threshold(0), threshold(100), threshold(0.001), threshold(33.333)) == (0, BUCKETS, 1, 33333)


@given(WEIGHTS, TEXT, TEXT)
def test_every_unit_gets_a_variant_that_weighs_something(weights, salt, unit):
    assert weights[variant_of(weights, salt, unit)] > 0


@given(WEIGHTS)
def test_shares_are_the_weights(weights):
    ends = shares(weights)
    assert ends[-1][0] == BUCKETS
    whole, before = sum(weights.values()), 0
    for end, name in ends:
        assert abs((end - before) - BUCKETS * weights[name] / whole) <= 1
        before = end


def _units(seed: int, number: int) -> list[str]:
    random = Random(seed)
    return [str(UUID(int=random.getrandbits(128), version=4)) for _ in range(number)]


def _chi_square(counts: list[int]) -> float:
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("kind", ["random ids", "counted ids"])
def test_units_spread_evenly(seed, kind):
    """Chi-square over 100 cells; 99 degrees of freedom, above 149 in one of a thousand (fixed seeds, so never by luck)."""
    units = _units(seed, 50_000) if kind == "random ids" else [f"tenant-{number}" for number in range(50_000)]
    cells = [0] * 100
    for unit in units:
        cells[bucket(f"salt-{seed}", unit) // 1000] += 1
    assert _chi_square(cells) < 149


def test_variant_and_percentage_are_independent():
    """Among those within a percentage the variants are as among all: 2 by 2 table, one degree of freedom, 10.83."""
    table = [[0, 0], [0, 0]]
    for unit in _units(7, 50_000):
        inside = bucket("s", unit) < threshold(10)
        table[inside][variant_of({"a": 1, "b": 1}, "s", unit) == "a"] += 1
    (a, b), (c, d) = table
    whole = a + b + c + d
    assert whole * (a * d - b * c) ** 2 / ((a + b) * (c + d) * (a + c) * (b + d)) < 10.83


def test_flags_with_other_salts_choose_others():
    units = _units(3, 20_000)
    first = {unit for unit in units if bucket("one", unit) < threshold(20)}
    second = {unit for unit in units if bucket("two", unit) < threshold(20)}
    assert math.isclose(len(first & second) / len(units), 0.04, abs_tol=0.006)

"""The arithmetic of credits."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.reliability.sla.credit_rules import (
    Minutes,
    Part,
    Tier,
    days_of,
    judge,
    next_month,
    previous_month,
    reached,
    rounded_down,
    still_owed,
    to_cent,
)

TIERS = (Tier(Decimal("99.95"), Decimal(10)), Tier(Decimal(99), Decimal(25)), Tier(Decimal(95), Decimal(100)))
cents = st.integers(0, 10**9).map(lambda one: Decimal(one).scaleb(-2))


@pytest.mark.parametrize(
    ("observed", "bad", "percent"),
    [
        (20_000, 10, None),
        (20_000, 11, 10),
        (200, 2, 10),
        (200, 3, 25),
        (100, 5, 25),
        (100, 6, 100),
        (0, 0, None),
        (7, 7, 100),
    ],
)
def test_a_tier_is_reached_below_its_bound_and_not_at_it(observed, bad, percent):
    # 99.95 % of 20,000 minutes are 19,990: 10 bad ones are at the bound, 11 below it.
    found = reached(TIERS, Minutes(observed, bad, 0, 0, 0).uptime)
    assert (found.percent if found else None) == percent


def test_an_uptime_a_hair_below_a_tier_counts_and_is_not_shown_as_if_it_met_it():
    # 10**12 minutes, of which 5 * 10**8 + 1 bad: 99.9499999999 %, which would round to 99.950000 %.
    uptime = Minutes(10**12, 5 * 10**8 + 1, 0, 0, 0).uptime
    assert reached(TIERS, uptime).percent == 10
    assert rounded_down(uptime) == Decimal("99.949999")


@pytest.mark.parametrize(
    ("amount", "cents"),
    [
        ("0.005", "0.01"),
        ("0.00499999999999999999999999999999", "0.00"),
        ("2.675", "2.68"),
        ("-0.005", "-0.01"),
        ("12", "12.00"),
    ],
)
def test_half_a_cent_goes_up_and_nothing_less_does(amount, cents):
    assert to_cent(Fraction(amount)) == Decimal(cents)


def test_months_follow_each_other():
    assert (next_month(date(2026, 12, 1)), previous_month(date(2027, 1, 31))) == (date(2027, 1, 1), date(2026, 12, 1))
    assert [days_of(date(2024, 2, 1)), days_of(date(2026, 2, 1)), days_of(date(2026, 12, 1))] == [29, 28, 31]


@given(
    value=cents, split=st.integers(1, 29), cap=st.integers(0, 100), bad=st.integers(0, 43_200),
    unobserved=st.integers(0, 43_200),
)  # fmt: skip
def test_a_month_split_into_versions_of_the_same_terms_comes_to_the_same_and_never_above_the_cap(
    value, split, cap, bad, unobserved
):
    first, middle, end = date(2026, 6, 1), date(2026, 6, 1) + timedelta(days=split), date(2026, 7, 1)
    minutes = Minutes(max(43_200 - unobserved, bad), bad, 0, 0, unobserved)
    whole = judge(first, "USD", [Part(1, first, end, value, TIERS, Decimal(cap))], minutes)
    parts = [Part(1, first, middle, value, TIERS, Decimal(cap)), Part(2, middle, end, value, TIERS, Decimal(cap))]
    both = judge(first, "USD", parts, minutes)
    assert (both.amount, both.fee, both.cap_amount, both.percent) == (
        whole.amount, whole.fee, whole.cap_amount, whole.percent,
    )  # fmt: skip
    assert 0 <= whole.amount <= whole.cap_amount <= whole.fee


@given(target=cents, rows=st.lists(st.tuples(cents, st.booleans()), max_size=4))
def test_what_is_added_later_stays_between_what_was_credited_and_what_is_owed(target, rows):
    decided = sum((amount for amount, _ in rows), Decimal(0))
    credited = sum((amount for amount, is_void in rows if not is_void), Decimal(0))
    added = still_owed(target, decided, credited)
    assert min(credited, target) <= credited + added <= max(credited, target)
    if not any(is_void for _, is_void in rows):
        assert credited + added == target


@pytest.mark.parametrize(
    ("target", "decided", "credited", "added"),
    [
        ("100", "0", "0", "100"),
        ("100", "100", "100", "0"),
        ("80", "100", "100", "-20"),
        ("100", "100", "0", "0"),  # 100 were voided: they do not come back
        ("120", "100", "0", "20"),  # and what is owed besides does
        ("80", "100", "0", "0"),  # nothing was credited that could be taken back
        ("120", "150", "100", "0"),  # 50 more were voided: the 20 of them that are owed do not come back
        ("100", "80", "100", "0"),  # taking 20 back was voided, and now nothing is to be taken back
    ],
)
def test_what_was_voided_stays_so(target, decided, credited, added):
    got = still_owed(Decimal(target), Decimal(decided), Decimal(credited))
    assert got == Decimal(added)

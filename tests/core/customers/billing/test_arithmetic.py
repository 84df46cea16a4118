"""Periods, prices and proration hold for all inputs, and not only for those that somebody thought of."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.customers.invoices import rules as invoices
from core.customers.subscriptions import ledger, periods, proration, rules
from core.customers.subscriptions.periods import Period
from core.customers.subscriptions.pricing import Terms, terms_of

D = Decimal
cents = st.decimals(0, 99_999, places=2)
days = st.dates(date(1999, 1, 1), date(2040, 12, 31))
terms = st.builds(
    Terms, st.sampled_from(["free", "basic", "pro"]), st.sampled_from(["monthly", "yearly"]), st.integers(1, 900),
    st.integers(1, 500), cents, st.decimals(0, 50, places=2), st.decimals(0, 1, places=4), st.just("USD"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        ("2025-01-31", 1, "2025-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2025-01-31", 2, "2025-03-31"),
        ("2024-02-29", 12, "2025-02-28"), ("2024-02-29", 48, "2028-02-29"), ("2025-12-15", 1, "2026-01-15"),
        ("2100-01-30", 1, "2100-02-28"),
    ],
)  # fmt: skip
def test_month_ends_and_leap_years(day, months, wanted):
    assert periods.add_months(date.fromisoformat(day), months) == date.fromisoformat(wanted)


@given(days, st.sampled_from(["monthly", "yearly"]))
def test_periods_follow_each_other_without_gap_and_never_drift_from_the_anchor(anchor, interval):
    period = periods.first(anchor, interval)
    for count in range(1, 30):
        following = periods.following(anchor, period.end, interval)
        assert following.start == period.end < following.end
        assert following.end == periods.add_months(anchor, periods.MONTHS[interval] * (count + 1))
        period = following


@given(cents, days, st.integers(1, 366), st.integers(-5, 400))
def test_used_and_unused_add_up_to_what_was_paid(amount, start, length, place):
    period = Period(start, start + timedelta(days=length))
    unused = proration.share_left(amount, period, start + timedelta(days=place))
    assert 0 <= unused <= amount and unused == round(unused, 2)
    assert proration.share_left(amount, period, period.start) == amount
    assert proration.share_left(amount, period, period.end) == 0


@given(terms, terms, days, st.integers(0, 27), cents, st.booleans())
def test_a_change_loses_no_cent_and_never_comes_to_less_than_nothing(before, after, anchor, place, credit, is_trial):
    period = periods.first(anchor, before.interval)
    made = proration.change(
        before,
        after,
        period=period,
        paid=before.amount,
        today=anchor + timedelta(days=place),
        credit=credit,
        is_trial=is_trial,
    )
    assert made.charge - made.unused == made.net == made.due + made.credit_before - made.credit_after
    assert made.due >= 0 and made.credit_after >= 0 and not (made.due and made.credit_after)
    assert all(isinstance(one, Decimal) and one == round(one, 2) for one in (made.due, made.credit_after, made.net))
    assert sum((one.amount for one in made.lines), D(0)) == made.due


@given(terms, terms, days, st.integers(0, 27))
def test_changing_there_and_back_on_one_day_costs_nothing(before, after, anchor, place):
    """Within a period; and what the restart of one charged is given back in full."""
    period, today = periods.first(anchor, before.interval), anchor + timedelta(days=place)
    there = proration.change(before, after, period=period, paid=before.amount, today=today, credit=D(0))
    kept = there.period if there.restarts else period
    back = proration.change(after, before, period=kept, paid=after.amount, today=today, credit=there.credit_after)
    assert back.unused == there.charge
    if not there.restarts and not back.restarts:
        assert there.net + back.net == 0


@given(terms)
def test_twelve_months_of_mrr_are_a_year_within_rounding(one):
    yearly = replace(one, interval="yearly")
    assert abs(yearly.monthly_amount * 12 - yearly.amount) <= D("0.06")
    assert replace(one, interval="monthly").monthly_amount == one.amount == terms_of(one).amount


@given(st.lists(st.decimals(0, 500, places=2), max_size=20))
def test_the_ledger_is_a_chain_whose_sum_is_the_last_mrr(course):
    rows = ledger.chain(
        {"tenant_id": 1, "subscription_id": 1, "at": place, "mrr": mrr, "currency": "USD", "plan": "pro", "cause": "x"}
        for place, mrr in enumerate(course)
    )
    assert sum((row["amount"] for row in rows), D(0)) == (course[-1] if course else 0)
    assert [row["mrr_before"] for row in rows[1:]] == [row["mrr_after"] for row in rows[:-1]]
    assert [row["kind"] for row in rows[:1]] == ["new"][: len(rows)] and all(row["amount"] for row in rows)
    assert all((row["kind"] == "churn") == (row["mrr_after"] == 0) for row in rows)


def test_a_renewal_after_31_january_comes_back_to_the_31st():
    known = dict(
        zip(Terms.__dataclass_fields__, ("pro", "monthly", 80, 80, D("199.00"), D(3), D(0), "USD"), strict=True)
    )
    state = SimpleNamespace(**known, status="active", anchor_on=date(2025, 1, 31), period_start=date(2025, 1, 31),
                            period_end=date(2025, 2, 28), credit=D(0))  # fmt: skip
    made = rules.renewal(state, terms_of(state))
    assert made.period == (date(2025, 2, 28), date(2025, 3, 31)) and made.anchor_on is None


@pytest.mark.parametrize("line", [
    {"quantity": D(0)}, {"description": " "}, {"amount": D("9.99")}, {"description": "x" * 501}, {"unit_price": D("1e12")},
])  # fmt: skip
def test_a_line_that_does_not_add_up_is_refused(line):
    with pytest.raises(invoices.Invalid):
        invoices.clean_line({"description": "Pro", "quantity": D(1), "unit_price": D(10)} | line)

"""Growth: every figure again by another way, as of any month, within the actor's sight."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.access.operators import demo as operators_demo
from core.customers import demo as customers_demo
from core.customers.growth import breakdowns, cohorts, demo, months, movements, queries, trials
from core.customers.growth.filters import Filters
from core.customers.subscriptions import demo as subscriptions_demo
from core.customers.tenants import actions as tenants
from core.kernel.errors import Denied, Invalid
from core.kernel.times import utc_now
from core.kernel.writes import write
from tests.core.customers.growth.conftest import Course, at, balances

NOW = 2026 * 12 + 9
AS_OF = Filters(NOW, "USD")
MOVED = ["new", "reactivation", "expansion", "contraction", "churn"]
# The ledger's sum of all that was booked until then: no balance, no month, no kind, no currency's filter of ours.
INDEPENDENT = """
SELECT CAST(e AS date) AS first, coalesce(sum(amount) FILTER (WHERE c.at < e + interval '1 month'), 0) AS mrr,
    count(DISTINCT tenant_id) FILTER (WHERE c.at < e + interval '1 month' AND NOT EXISTS (
        SELECT FROM mrr_change AS later WHERE later.tenant_id = c.tenant_id AND later.sequence > c.sequence
            AND later.at < e + interval '1 month') AND c.mrr_after > 0) AS tenants
FROM generate_series(CAST(:first AS timestamp), CAST(:last AS timestamp), '1 month') AS e
LEFT JOIN mrr_change AS c ON c.currency = 'USD'
GROUP BY e ORDER BY e
"""


def independent(raw, since: int, until: int) -> dict[str, tuple[Decimal, int]]:
    raw("SET LOCAL TIME ZONE 'UTC'")
    rows = raw(INDEPENDENT, first=months.day_of(since), last=months.day_of(until))
    return {f"{row.first:%Y-%m}": (row.mrr, row.tenants) for row in rows}


@contextmanager
def undone(connection) -> Iterator[None]:
    """What is written inside is gone afterwards: a ledger cannot be emptied."""
    nested = connection.begin_nested()
    yield
    nested.rollback()


def require_sums(raw, system, filters=AS_OF, count=24):
    """That every month is equal to the cent to the second query, and opening and movements come to closing."""
    course = queries.course(system, filters, count=count)
    told = {row["name"]: (row["closing"], row["tenants_closing"]) for row in course.to_dict("records")}
    assert told == independent(raw, filters.as_of - count + 1, filters.as_of)
    for row in course.to_dict("records"):
        assert row["opening"] + sum(row[kind] for kind in MOVED) == row["closing"]
    assert list(course["opening"][1:]) == list(course["closing"][:-1])
    return course


MOMENTS = st.datetimes(datetime(2024, 9, 20), datetime(2026, 11, 2), timezones=st.just(UTC)) | st.sampled_from(  # noqa: DTZ001
    [
        at(2025, 1, 1, 0),
        at(2025, 12, 31, 23) + timedelta(minutes=59, seconds=59.999999),
        at(2024, 2, 29),
        at(2026, 10, 25, 1),
    ]
)
AMOUNTS = st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("49.00"), Decimal("199.99")]) | st.decimals(
    0, 99_999, places=2
)
COURSES = st.lists(st.tuples(st.integers(0, 3), MOMENTS, AMOUNTS), max_size=14, unique_by=lambda one: (one[0], one[1]))


@settings(
    max_examples=25, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(course=COURSES)
def test_figures_of_any_ledger_are_those_of_a_second_query_and_of_counting_by_hand(
    db, raw, system, people, book, course
):
    with undone(db):
        known = people(4)
        book(known, course)
        shown = require_sums(raw, system)
        paid = balances(course, NOW - 36, NOW)
        for row in shown.to_dict("records"):
            require_retention(row, paid)
        require_cohorts(cohorts.cohorts(system, AS_OF), course)


def require_retention(row, paid: dict[int, dict[int, Decimal]]):
    now = paid[row["month"]]
    for back, names in ((1, ("net_ratio", "gross_ratio")), (12, ("net_ratio_12", "gross_ratio_12"))):
        before = paid[row["month"] - back]
        whole = sum(before.values())
        if not whole:
            assert all(pd.isna(row[name]) for name in names)
            continue
        net = sum(now.get(place, 0) for place in before)
        gross = sum(min(mrr, now.get(place, 0)) for place, mrr in before.items())
        assert [row[name] for name in names] == pytest.approx([float(net / whole), float(gross / whole)])
    before = paid[row["month"] - 1]
    assert row["tenants_lost"] == sum(place not in now for place in before)


def require_cohorts(frame, course: Course):
    first: dict[int, tuple[int, Decimal]] = {}
    for place, moment, mrr in sorted(course, key=lambda one: one[1]):
        if mrr and place not in first:
            first[place] = months.number_of(moment), mrr
    paid = balances(course, NOW - 36, NOW)
    expected = {}
    for cohort in {month for month, _ in first.values() if NOW - 24 < month <= NOW}:
        here = [place for place, (month, _) in first.items() if month == cohort]
        began = sum(first[place][1] for place in here)
        for age in range(NOW - cohort + 1):
            left = [paid[cohort + age][place] for place in here if place in paid[cohort + age]]
            expected[cohort, age] = (len(here), began, len(left), float(sum(left)))
    rows = frame.to_dict("records")
    told = {(row["cohort"], row["age"]): (row["size"], row["started"], row["tenants"], row["mrr"]) for row in rows}
    assert told.keys() == expected.keys()
    for key, (size, began, left, mrr) in expected.items():
        assert told[key][:3] == (size, began, left)
        assert told[key][3] == pytest.approx(mrr)


def test_demo_ledger_of_two_years_is_equal_to_the_cent_and_to_what_the_subscriptions_come_to(db, raw, system):
    now = utc_now()
    with write(system, "demo.seed") as tx:
        operators = operators_demo.seed(tx, Random(7), now)
        customers_demo.seed(tx, Random(7), now, operators)
        subscriptions_demo.seed(tx, Random(30), now)
        demo.seed(tx, Random(31), now)
    filters = Filters(months.number_of(now), "USD")
    course = require_sums(raw, system, filters, count=25)
    assert course["closing"].gt(0).all()
    assert all(course[kind].ne(0).any() for kind in ("new", "expansion", "contraction", "churn"))
    terms = raw(
        "SELECT sum(CASE interval WHEN 'monthly' THEN round(a, 2) ELSE round(round(a, 2) / 12, 2) END) FROM (SELECT interval,"
        " (unit_price + greatest(seats - seats_included, 0) * seat_price) * (1 - discount) AS a FROM subscription"
        " WHERE status IN ('active', 'past_due')) AS one"
    )
    assert course["closing"].iloc[-1] == terms[0][0]
    begun = trials.trials(system, filters)
    assert begun["started"].sum() == begun[["converted", "expired", "cancelled", "running"]].sum().sum() > 0
    assert begun["converted"].sum() > 0


def test_a_month_is_told_again_as_it_was(db, raw, system, people, book):
    known = people(2)
    book(known, [(0, at(2026, 1), Decimal(100)), (0, at(2026, 3), Decimal(40)), (1, at(2026, 2), Decimal(7))])
    february = Filters(months.parse("2026-02"), "USD")
    before = (
        queries.course(system, february),
        cohorts.cohorts(system, february),
        breakdowns.by(system, february, "plan"),
    )
    book(people(1), [(0, at(2026, 3), Decimal(1)), (0, at(2026, 4), Decimal(0))])
    after = queries.course(system, february), cohorts.cohorts(system, february), breakdowns.by(system, february, "plan")
    assert all(one.equals(other) for one, other in zip(before, after, strict=True))
    assert before[0]["closing"].iloc[-1] == 107


def test_course_names_movements_customers_and_retention(db, system, people, book):
    known = people(3)
    book(known, [
        (0, at(2025, 9), Decimal(100)), (0, at(2026, 9), Decimal(150)), (1, at(2025, 9), Decimal(200)),
        (1, at(2026, 8), Decimal(80)), (2, at(2026, 9, 2), Decimal(50)), (2, at(2026, 9, 20), Decimal(0)),
        (2, at(2026, 9, 25), Decimal(60)),
    ])  # fmt: skip
    row = queries.course(system, Filters(months.parse("2026-09"), "USD"), count=1).iloc[0]
    assert [row[name] for name in ("opening", *MOVED, "closing", "arr")] == [180, 50, 60, 50, 0, -50, 290, 3480]
    assert (row["tenants_opening"], row["tenants_closing"], row["tenants_lost"], row["tenants_churn"]) == (2, 3, 0, 1)
    assert row["arpa"] == pytest.approx(290 / 3)
    assert (row["net_ratio_12"], row["gross_ratio_12"]) == pytest.approx((230 / 300, 180 / 300))
    assert (row["net_ratio"], row["gross_ratio"], row["churn_ratio"]) == pytest.approx((230 / 180, 1, 0))


def test_currencies_and_regions_are_never_mixed(db, system, people, book):
    book(people(1, region="EU"), [(0, at(2026, 1), Decimal(100))])
    book(people(2, region="US"), [(0, at(2026, 1), Decimal(10)), (1, at(2026, 2), Decimal(20))])
    book(people(1, region="US"), [(0, at(2026, 1), Decimal(3))], "EUR")
    assert [(one.currency, one.tenants) for one in queries.extents(system)] == [("USD", 3), ("EUR", 1)]
    closing = [
        queries.course(system, Filters(NOW, *given))["closing"].iloc[-1]
        for given in (("USD",), ("USD", ("US",)), ("EUR",), ("CHF",))
    ]
    assert closing == [130, 30, 3, 0]
    last = breakdowns.by(system, AS_OF, "region", count=1)
    assert dict(zip(last["part"], last["mrr"], strict=True)) == {"EU": 100, "US": 30}
    assert list(breakdowns.by_currency(system, AS_OF)["mrr"]) == [3, 130]
    plans = breakdowns.by(system, AS_OF, "plan", count=1)
    assert list(zip(plans["part"], plans["tenants"], strict=True)) == [("basic", 3)]


def test_only_tenants_in_sight_count(db, raw, system, people, book, actor_of):
    known = people(2)
    book(known, [(0, at(2026, 1), Decimal(100)), (1, at(2026, 1), Decimal(11))])
    manager = actor_of("client_success")
    assert queries.extents(manager) == []
    tenants.assign_operator(system, known[1][0], operator_id=manager.operator_id)
    assert queries.course(manager, AS_OF)["closing"].iloc[-1] == 11
    assert list(cohorts.cohorts(manager, AS_OF)["size"].unique()) == [1]
    assert list(movements.movements(manager, AS_OF, months.parse("2026-01")).frame["amount"]) == [11]
    assert list(movements.tenants(manager, AS_OF).frame["tenant"]) == ["Tenant 1"]
    outsider = actor_of("support")
    for ask in (queries.extents, lambda who: queries.course(who, AS_OF), lambda who: cohorts.cohorts(who, AS_OF),
                lambda who: trials.trials(who, AS_OF), lambda who: movements.tenants(who, AS_OF),
                lambda who: list(movements.all_tenants(who, AS_OF))):  # fmt: skip
        with pytest.raises(Denied):
            ask(outsider)


def test_tenants_behind_a_figure_come_to_it(db, system, people, book):
    known = people(3)
    book(known, [
        (0, at(2026, 1), Decimal(100)), (0, at(2026, 2), Decimal(130)), (1, at(2026, 1), Decimal(30)),
        (1, at(2026, 3), Decimal(0)), (2, at(2026, 2), Decimal(5)),
    ])  # fmt: skip
    january, february = months.parse("2026-01"), months.parse("2026-02")
    rows = movements.movements(system, AS_OF, february, "expansion").frame
    assert list(zip(rows["tenant"], rows["amount"], rows["mrr_after"], strict=True)) == [("Tenant 0", 30, 130)]
    assert len(movements.movements(system, AS_OF, february).frame) == 2
    first = movements.movements(system, AS_OF, january, limit=1)
    assert list(movements.movements(system, AS_OF, january, after=first.next).frame["tenant"]) == ["Tenant 0"]
    assert [len(part) for part in movements.all_movements(system, AS_OF, january)] == [2]
    paying = movements.tenants(system, AS_OF).frame
    assert list(zip(paying["tenant"], paying["mrr"], strict=True)) == [("Tenant 0", 130), ("Tenant 2", 5)]
    began = movements.tenants(system, AS_OF, cohort=january).frame
    assert list(zip(began["tenant"], began["started"], began["mrr"], strict=True)) == [
        ("Tenant 0", 100, 130),
        ("Tenant 1", 30, 0),
    ]
    with pytest.raises(Invalid):
        movements.movements(system, AS_OF, january, "'; DROP")


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-13", "2026-1", "0000-01", "9999-12", "２０２６-01", "2026-01-01", "x"]
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(Invalid):
        months.parse(text)


def test_a_month_is_counted_in_utc():
    assert months.number_of(datetime.fromisoformat("2026-01-01T00:30:00+02:00")) == months.parse("2025-12")
    assert months.start_of(months.parse("2025-12")) == at(2025, 12, 1, 0)
    assert months.name_of(months.parse("2024-02")) == "2024-02"


def test_trials_are_kept_by_the_database_however_they_end(db, raw, system, people):
    (_, subscription), (_, second) = people(2)
    raw("UPDATE subscription SET status = 'trialing', trial_ends_on = CURRENT_DATE, started_at = '2026-03-05Z'")
    raw("UPDATE subscription SET status = 'active', unit_price = 49 WHERE id = :id", id=subscription)
    raw("UPDATE subscription SET status = 'active' WHERE id = :id", id=second)
    this_month = months.number_of(utc_now())
    row = trials.trials(system, Filters(max(this_month, NOW), "USD")).set_index("month").loc[months.parse("2026-03")]
    assert (row["started"], row["converted"], row["expired"], row["running"], row["converted_ratio"]) == (
        2,
        1,
        1,
        0,
        0.5,
    )
    then = trials.trials(system, Filters(months.parse("2026-03"), "USD"), count=1).iloc[0]
    assert (then["running"], then["converted"]) == (2, 0)
    assert pd.isna(then["converted_ratio"])
    raw("UPDATE subscription SET status = 'cancelled', cancelled_at = now() WHERE id = :id", id=second)
    assert [row.outcome for row in raw("SELECT outcome FROM subscription_trial ORDER BY outcome")] == [
        "converted",
        "expired",
    ]

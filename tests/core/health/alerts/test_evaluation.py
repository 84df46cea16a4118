"""When a rule fires and when it is over, whatever the figures are."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.health.alerts.burn_rate import (
    DAY,
    HOUR,
    PAGE,
    TICKET,
    Pair,
    as_settings,
    budget_spent,
    burn_rate,
    error_ratio_at,
)
from core.health.alerts.cleaning import clean
from core.health.alerts.evaluation import evaluate
from core.health.alerts.models import AlertRule
from core.health.alerts.series import Series, floor_to, grid, windowed

BEGIN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NAN = float("nan")


def a_rule(**values) -> AlertRule:
    own = {"name": "x", "kind": "threshold", "measure": "server.cpu", "per": "server_id", "bound": 0.8, "for_s": 300,
           "clear_after_s": 120}  # fmt: skip
    return AlertRule(**clean(own | values))


def a_series(*columns, volume=None, observed=None, step=MINUTE) -> Series:
    """One column per subject (s0, s1 ...), after one empty step that fills the first window."""
    values = np.array([[NAN] * len(columns), *zip(*columns, strict=True)], dtype=float)
    weights = np.where(np.isnan(values), NAN, 1.0) if volume is None else np.array([[NAN], *[[one] for one in volume]])
    seen = np.ones(len(values), dtype=bool) if observed is None else np.array([False, *observed])
    subjects = tuple(f"s{place}" for place in range(len(columns)))
    return Series(BEGIN - step, step, subjects, values * weights, weights, seen)


def fired(rule, series, **known):
    return [
        (one.subject, one.fired_at and (one.fired_at - BEGIN) // MINUTE, one.cleared_at and (one.cleared_at - BEGIN) // MINUTE)
        for one in evaluate(rule, series, **known).intervals
    ]  # fmt: skip


def test_fires_when_it_has_lasted_and_not_a_step_before():
    high = [0.9] * 4 + [0.1] * 3
    assert fired(a_rule(), a_series(high)) == []
    assert fired(a_rule(), a_series([0.9] * 5 + [0.1] * 3)) == [("s0", 5, 7)]
    assert fired(a_rule(for_s=240), a_series(high)) == [("s0", 4, 6)]
    assert fired(a_rule(for_s=241), a_series(high)) == []
    assert fired(a_rule(for_s=0), a_series([0.1, 0.9, 0.1, 0.1])) == [("s0", 2, 4)]


def test_the_bound_itself_is_not_beyond_the_bound():
    assert fired(a_rule(), a_series([0.8] * 9)) == []
    assert fired(a_rule(comparison="below"), a_series([0.8] * 9)) == []
    assert fired(a_rule(comparison="below"), a_series([0.79] * 9)) == [("s0", 5, None)]


def test_an_interval_tells_when_it_began_and_how_bad_it_got():
    [one] = evaluate(a_rule(), a_series([0.1, 0.9, 0.81, 0.85, 0.99, 0.82, 0.1, 0.1])).intervals
    assert (one.since, one.fired_at, one.cleared_at) == (BEGIN + MINUTE, BEGIN + 6 * MINUTE, BEGIN + 8 * MINUTE)
    assert (one.value, one.worst) == (0.82, 0.99)


def test_between_the_bounds_nothing_changes():
    rule = a_rule(clear_bound=0.7)
    assert fired(rule, a_series([0.9] * 5 + [0.75] * 10)) == [("s0", 5, None)]
    assert fired(rule, a_series([0.9] * 5 + [0.75, 0.7, 0.75, 0.7, 0.69])) == [("s0", 5, 10)]
    assert fired(rule, a_series([0.75] * 10)) == []


def test_unknown_fires_nothing_and_ends_nothing():
    assert fired(a_rule(), a_series([0.9] * 4 + [NAN] + [0.9] * 4)) == []
    assert fired(a_rule(), a_series([0.9] * 5 + [NAN] * 50)) == [("s0", 5, None)]
    assert fired(a_rule(), a_series([0.9] * 5 + [0.1, NAN, 0.1, NAN])) == [("s0", 5, None)]
    assert fired(a_rule(), a_series([NAN] * 20), firing={"s0"}) == [("s0", None, None)]
    last = evaluate(a_rule(), a_series([0.9] * 5 + [NAN])).last["s0"]
    assert (last.is_firing, last.is_known, last.value) == (True, False, None)


def test_too_little_volume_is_unknown():
    rule = a_rule(measure="request.error_ratio", per="service", minimum_volume=10)
    errors = [0.9] * 5
    assert fired(rule, a_series(errors, volume=[10] * 5)) == [("s0", 5, None)]
    assert fired(rule, a_series(errors, volume=[10, 10, 9, 10, 10])) == []


def test_what_fires_already_goes_on_until_it_is_clear():
    assert fired(a_rule(), a_series([0.9, 0.1, 0.1, 0.1]), firing={"s0"}) == [("s0", None, 3)]
    assert fired(a_rule(clear_after_s=300), a_series([0.1] * 4), firing={"s0"}) == [("s0", None, None)]


def test_each_subject_is_judged_by_itself():
    assert fired(a_rule(), a_series([0.9] * 6, [0.1] * 6, [0.1] + [0.9] * 5)) == [("s0", 5, None), ("s2", 6, None)]


figures = st.lists(st.one_of(st.floats(0, 1), st.just(NAN)), min_size=1, max_size=60)


@given(figures, st.floats(0, 1), st.floats(0, 0.5), st.integers(0, 5), st.integers(0, 5))
@settings(max_examples=120, deadline=None)
def test_a_higher_bound_never_fires_more(values, bound, more, lasting, calm):
    lengths = {"for_s": lasting * 60, "clear_after_s": calm * 60}
    low, high = (minutes_of(a_rule(bound=one, **lengths), values) for one in (bound, bound + more))
    assert high <= low


@given(figures, st.integers(0, 6), st.integers(1, 4))
@settings(max_examples=120, deadline=None)
def test_a_longer_wait_never_fires_more(values, lasting, more):
    short, long = (minutes_of(a_rule(for_s=one * 60), values) for one in (lasting, lasting + more))
    assert long <= short


@given(figures, st.data())
@settings(max_examples=120, deadline=None)
def test_forgetting_a_figure_never_begins_an_alert(values, data):
    place = data.draw(st.integers(0, len(values) - 1))
    known = [one.fired_at for one in evaluate(a_rule(for_s=120), a_series(values)).intervals]
    less = [NAN if spot == place else value for spot, value in enumerate(values)]
    first = [one.fired_at for one in evaluate(a_rule(for_s=120), a_series(less)).intervals][:1]
    assert not first or min(known) <= first[0]


@given(figures, st.integers(0, 60), st.integers(0, 4), st.integers(0, 4), st.sampled_from([None, 0.4]))
@settings(max_examples=120, deadline=None)
def test_looking_again_with_what_fired_before_is_as_good_as_looking_at_all_of_it(values, cut, lasting, calm, end):
    """The live look sees as much of the past as the rule's lengths, and knows what fired at the look before."""
    rule = a_rule(for_s=lasting * 60, clear_after_s=calm * 60, clear_bound=end)
    cut = min(cut, len(values) - 1)
    begin = max(cut - max(lasting, calm, 1), 0)
    before = {"s0"} if state_at(rule, values, cut) else ()
    again = evaluate(rule, a_series(values[begin:]), firing=before).last["s0"]
    assert again == evaluate(rule, a_series(values)).last["s0"]


def state_at(rule, values, place) -> bool:
    return place > 0 and evaluate(rule, a_series(values[:place])).last["s0"].is_firing


def minutes_of(rule, values) -> set[int]:
    """Every minute in which it fires."""
    found: set[int] = set()
    for one in evaluate(rule, a_series(values)).intervals:
        end = len(values) if one.cleared_at is None else (one.cleared_at - BEGIN) // MINUTE
        found |= set(range((one.fired_at - BEGIN) // MINUTE, end))
    return found


def test_silence_is_absence_only_where_somebody_looked():
    rule = a_rule(kind="absence", measure="server.reports", for_s=180, clear_after_s=60)
    there, gone = [1.0] * 2, [NAN] * 4
    assert fired(rule, a_series(there + gone)) == [("s0", 5, None)]
    assert fired(rule, a_series(there + gone, observed=[True] * 2 + [False] * 4)) == []
    assert fired(rule, a_series(there + gone + there)) == [("s0", 5, 7)]
    [one] = evaluate(rule, a_series(there + gone)).intervals
    assert (one.value, one.worst) == (180.0, 240.0)


def test_a_change_is_against_the_time_before():
    rule = a_rule(kind="rate_of_change", measure="error.count", per="service", bound=1, for_s=0, clear_after_s=0,
                  minimum_volume=5, settings={"baseline_s": 120})  # fmt: skip
    assert fired(rule, counts_after_lead([10, 10, 20, 21, 21, 21, 21])) == [("s0", 4, 5)]
    assert fired(rule, counts_after_lead([0, 0, 4, 4])) == []
    assert fired(rule, counts_after_lead([0, 0, 5, 5])) == [("s0", 3, None)]
    falls = a_rule(kind="rate_of_change", measure="error.count", per="service", comparison="below", bound=0.5, for_s=0,
                   clear_after_s=0, settings={"baseline_s": 120})  # fmt: skip
    assert fired(falls, counts_after_lead([10, 10, 5, 4, 10, 10])) == [("s0", 4, 5)]


def counts_after_lead(values) -> Series:
    """Three steps of the first value before the first that is judged."""
    amount = np.array([[values[0]]] * 3 + [[value] for value in values], dtype=float)
    return Series(BEGIN - 3 * MINUTE, MINUTE, ("s0",), amount, amount, np.ones(len(amount), dtype=bool))


def test_a_count_needs_somebody_who_looked():
    amount = np.array([[2.0], [NAN], [NAN], [NAN]])
    series = Series(BEGIN, MINUTE, ("s0",), amount, amount, np.array([True, True, False, False]))
    values, _ = windowed(series, "count", 120)
    assert [None if np.isnan(one) else one for one in values[:, 0]] == [2.0, 2.0, 0.0, None]
    rates, _ = windowed(series, "rate", 120)
    assert rates[1, 0] == 1.0


def test_a_grid_ignores_what_is_not_on_it():
    rows = [(BEGIN - MINUTE, "a", 1, 1), (BEGIN, "a", 2, 1), (BEGIN + 2 * MINUTE, "a", 3, 1)]
    made = grid(rows, begin=BEGIN, end=BEGIN + 2 * MINUTE, step=MINUTE)
    assert made.amount[0, 0] == 2
    assert np.isnan(made.amount[1, 0])
    assert floor_to(BEGIN + timedelta(seconds=59), MINUTE) == BEGIN


# --- burn rates: the figures of The Site Reliability Workbook, chapter 5, for an objective of 99.9 % over 30 days


@pytest.mark.parametrize(
    ("rate", "ratio", "gone_in"),
    [(1, 0.001, 30 * DAY), (2, 0.002, 15 * DAY), (10, 0.01, 3 * DAY), (1_000, 1.0, 43.2 * 60)],
)
def test_burn_rates_and_when_the_budget_is_gone(rate, ratio, gone_in):
    """Table 5-4."""
    assert error_ratio_at(rate, 0.999) == pytest.approx(ratio)
    assert burn_rate(ratio, 0.999) == pytest.approx(rate)
    assert budget_spent(rate, gone_in) == pytest.approx(1)


def test_windows_spend_the_shares_of_the_budget_that_they_are_made_for():
    """Table 5-8 and the text before: 2 % in an hour, 5 % in six hours, 10 % in three days; a twelfth for the short window."""
    spent = {pair.long_s: budget_spent(pair.rate, pair.long_s) for pair in (*PAGE, *TICKET)}
    assert spent == pytest.approx({HOUR: 0.02, 6 * HOUR: 0.05, DAY: 0.1, 3 * DAY: 0.1})
    assert {pair.long_s / pair.short_s for pair in (*PAGE, *TICKET)} == {12.0}


def a_budget_rule(pairs=PAGE, **values) -> AlertRule:
    return a_rule(kind="burn_rate", measure="request.error_ratio", per=None, for_s=0, clear_after_s=0,
                  settings=as_settings(pairs, 0.999), **values)  # fmt: skip


def requests(ratios, *, total=1_000.0, before=6 * 60) -> Series:
    """Minutes of traffic; as much good traffic before as the longest window takes."""
    errors = np.array([0.0] * before + [ratio * total for ratio in ratios])[:, None]
    volume = np.full(errors.shape, total)
    return Series(BEGIN - before * MINUTE, MINUTE, ("",), errors, volume, np.ones(len(errors), dtype=bool))


def test_a_total_outage_pages_within_the_first_minute():
    """Recall of the workbook: detection takes 14.4 * 0.001 * 60 min / 1 = 52 s at an error rate of 100 %."""
    assert fired(a_budget_rule(), requests([1.0] * 3)) == [("", 1, None)]


def test_detection_takes_as_long_as_the_long_window_needs_to_fill():
    """At 10 % errors the hour reaches 1.44 % after 8.64 minutes."""
    assert fired(a_budget_rule(PAGE[:1]), requests([0.1] * 20))[0][:2] == ("", 9)


def test_the_short_window_ends_the_alert():
    """Five minutes after the errors stopped, and not an hour after."""
    assert fired(a_budget_rule(PAGE[:1]), requests([1.0] * 10 + [0.0] * 50)) == [("", 1, 15)]


def test_errors_within_the_budget_never_fire():
    assert fired(a_budget_rule((*PAGE, *TICKET)), requests([0.001] * 300, before=3 * 24 * 60)) == []


def test_a_slow_burn_is_a_ticket_and_no_page():
    slow = requests([0.0015] * (3 * 24 * 60), before=3 * 24 * 60)
    assert fired(a_budget_rule(PAGE), slow) == []
    assert len(fired(a_budget_rule(TICKET), slow)) == 1


def test_both_windows_must_burn():
    only_long = [0.5] * 3 + [0.0] * 10
    pair = (Pair(HOUR, 300, 14.4),)
    assert fired(a_budget_rule(pair), requests(only_long)) == [("", 2, 8)]
    only_short = [0.05] * 5
    assert fired(a_budget_rule(pair), requests(only_short)) == []


def test_a_burn_rate_needs_volume():
    rule = a_budget_rule(PAGE[:1], minimum_volume=1_000)
    assert fired(rule, requests([1.0] * 30, total=16)) == []
    assert fired(rule, requests([1.0] * 30, total=17)) == [("", 1, None)]


def test_without_traffic_a_burn_is_neither_over_nor_new():
    series = requests([1.0] * 10 + [0.0] * 50)
    series.amount[-50:], series.volume[-50:] = NAN, NAN
    assert fired(a_budget_rule(PAGE[:1]), series) == [("", 1, None)]


def test_an_anomaly_is_outside_of_the_band_of_its_own_past():
    step, days = timedelta(minutes=5), 33
    hours = np.arange(days * 288) / 12
    noise = np.random.default_rng(3).normal(0, 1, len(hours))
    values = 100 + 30 * np.sin(hours / 24 * 2 * np.pi) + noise
    values[-6:] += 60
    ones = np.ones((len(values), 1))
    end = datetime(2026, 3, 2, tzinfo=UTC)
    series = Series(end - len(values) * step, step, ("",), values[:, None], ones, np.ones(len(values), dtype=bool))
    rule = a_rule(
        kind="anomaly", measure="metric.value", per=None, filters={"name": ["x"]}, for_s=900, clear_after_s=900
    )
    [one] = [one for one in evaluate(rule, series).intervals if one.cleared_at is None]
    assert end - one.fired_at <= timedelta(minutes=15)
    assert one.since >= end - timedelta(minutes=30)

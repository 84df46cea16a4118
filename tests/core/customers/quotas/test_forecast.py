"""Forecasts on series whose end is known."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from core.customers.quotas.forecast import FEWEST_DAYS, forecast
from core.customers.quotas.resources import BY_KEY
from core.customers.quotas.theil_sen import line

NOW = datetime(2026, 6, 11, 12, tzinfo=UTC)  # a Thursday
USERS, CALLS = BY_KEY["users"], BY_KEY["api_calls"]


def days(amounts, last=NOW) -> pd.DataFrame:
    end = pd.Timestamp(last).normalize()
    return pd.DataFrame(
        {"day": pd.date_range(end=end, periods=len(amounts)), "amount": pd.array(amounts, dtype="Float64")}
    )


def test_straight_growth_is_reached_on_its_day():
    found = forecast(USERS, days([2 * place for place in range(31)]), used=60, limit=80, now=NOW)
    assert (found.outcome, found.on, found.earliest, found.latest) == ("on", *[date(2026, 6, 21)] * 3)


def test_wild_days_do_not_move_the_day_by_much():
    amounts = [100.0 + 2 * place for place in range(40)]
    for place in (3, 11, 20, 30):
        amounts[place] = 900.0
    found = forecast(USERS, days(amounts), used=178, limit=200, now=NOW)
    assert abs((found.on - date(2026, 6, 22)).days) <= 1


def test_interval_holds_the_true_day_about_four_times_of_five():
    random, hits, tried = np.random.default_rng(5), 0, 200
    for _ in range(tried):
        noise = random.normal(0, 40, 42)
        amounts = list(np.clip(1_000 + noise, 0, None))
        true = 11 + np.argmax(
            np.cumsum(np.clip(1_000 + random.normal(0, 40, 19), 0, None) * [0.5, *[1.0] * 18]) >= 9_900
        )
        found = forecast(CALLS, days([*amounts, 500.0]), used=10_000, limit=19_900, now=NOW)
        hits += found.earliest.day <= true <= (found.latest.day if found.latest else 31)
    assert hits / tried >= 0.8


def test_month_follows_the_days_of_the_week():
    weekly = [1_000, 1_000, 1_000, 1_000, 1_000, 0, 0]
    first = NOW - timedelta(days=42)
    amounts = [weekly[(first + timedelta(days=place)).weekday()] for place in range(42)]
    # Thursday noon: half of today, Friday, and then Monday.
    found = forecast(CALLS, days([*amounts, 500]), used=8_500, limit=10_400, now=NOW)
    assert (found.outcome, found.on) == ("on", date(2026, 6, 15))


def test_what_begins_anew_before_is_not_reached():
    found = forecast(CALLS, days([100.0] * 30), used=1_050, limit=10_000, now=NOW)
    assert found.outcome == "not_before_reset"
    assert "01 Jul 2026" in found.sentence
    assert len(found.course) == 20


def test_level_that_falls_is_not_reached():
    found = forecast(USERS, days([100.0 - place for place in range(20)]), used=81, limit=90, now=NOW)
    assert (found.outcome, found.on) == ("not_growing", None)


@pytest.mark.parametrize("amounts", [[], [1.0] * (FEWEST_DAYS - 1), [None] * 40, [None] * 30 + [5.0] * 6])
def test_less_than_a_week_is_unknown(amounts):
    for resource in (USERS, CALLS):
        found = forecast(resource, days(amounts), used=5, limit=10, now=NOW)
        assert (found.outcome, found.on, found.course) == ("unknown", None, None)


def test_today_is_no_day_of_a_month_yet():
    amounts = [10.0] * FEWEST_DAYS
    assert forecast(CALLS, days(amounts), used=5, limit=99, now=NOW).outcome == "unknown"
    assert forecast(CALLS, days(amounts, NOW - timedelta(days=1)), used=5, limit=99, now=NOW).outcome != "unknown"


@pytest.mark.parametrize(
    ("used", "limit", "outcome"),
    [(5, None, "unlimited"), (None, 10, "unknown"), (10, 10, "reached"), (0, 0, "unknown")],
)
def test_what_needs_no_course(used, limit, outcome):
    assert forecast(USERS, days([]), used=used, limit=limit, now=NOW).outcome == outcome


def test_slope_is_that_of_most_points():
    x = np.arange(20.0)
    y = 3 * x + 1
    y[[2, 9, 15]] = [500, -300, 800]
    found = line(x, y)
    assert found.slope == pytest.approx(3)
    assert found.low <= 3 <= found.high


def test_scattered_levels_widen_the_interval():
    random = np.random.default_rng(3)
    straight, scattered = (
        forecast(
            USERS, days([100.0 + 2 * place + off for place, off in enumerate(noise)]), used=178, limit=220, now=NOW
        )
        for noise in (np.zeros(40), random.normal(0, 8, 40))
    )
    assert straight.earliest == straight.latest == date(2026, 7, 2)
    assert scattered.earliest < date(2026, 7, 2) < scattered.latest

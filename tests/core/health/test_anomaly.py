"""Bands out of the past alone, and the anomalies beside them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from core.health.anomaly.bands import COLUMNS, bands
from core.health.anomaly.seasons import earlier, median_of
from core.health.anomaly.spans import anomalies, figure, runs, sentence

STEP, DAY = timedelta(minutes=5), 288
BEGIN = datetime(2026, 3, 2, tzinfo=UTC)


def noise(days: float, *, level: float = 100.0, spread: float = 2.0, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(level, spread, int(days * DAY))


def judge(values, step: timedelta = STEP, **named) -> pd.DataFrame:
    return bands([BEGIN + place * step for place in range(len(values))], list(values), step=step, **named)


def outside(frame: pd.DataFrame) -> list[int]:
    return list(np.flatnonzero(frame["score"].abs() > 1))


def test_a_spike_is_outside_and_ordinary_noise_is_not():
    values = noise(5)
    values[1_200] = 130
    frame = judge(values)
    assert 1_200 in outside(frame)
    assert [place for place in outside(frame) if not 1_200 <= place <= 1_206] == []
    row = frame.iloc[1_200]
    assert row["lower"] < row["expected"] < row["upper"] < row["value"]
    assert row["expected"] == pytest.approx(100, abs=1)


def test_what_lasts_is_found_even_where_no_single_value_stands_out():
    values = noise(5, spread=4)
    values[1_200:1_230] += 12
    frame = judge(values)
    part = frame.iloc[1_200:1_230]
    assert (part["recent_score"] > 1).any()
    assert not (part["value_score"] > 1).all()


@settings(max_examples=25, deadline=None)
@given(cut=some.integers(50, 1_400), seed=some.integers(0, 50))
def test_no_row_knows_what_comes_after_it(cut, seed):
    values = noise(5, seed=seed) + 30 * np.sin(np.arange(5 * DAY) / DAY * 2 * np.pi)
    values[700:720] = np.nan
    whole = judge(values)
    other = values.copy()
    other[cut:] = 1e6
    pd.testing.assert_frame_equal(judge(other).iloc[:cut], whole.iloc[:cut])


def test_a_daily_peak_is_expected_from_its_third_day_on():
    values = noise(7, spread=1)
    for day in range(7):
        values[day * DAY + 100 + day % 3 : day * DAY + 103 + day % 3] = 160  # not quite at the same minute
    frame = judge(values)
    late = [place for place in outside(frame) if place > 3 * DAY]
    assert late == []
    values[5 * DAY + 200] = 160
    assert 5 * DAY + 200 in outside(judge(values))


def test_the_day_is_followed_where_values_have_one():
    wave = 60 * np.sin(np.arange(8 * DAY) / DAY * 2 * np.pi)
    values = noise(8, spread=2) + wave
    frame = judge(values).iloc[5 * DAY :]
    assert (frame["expected"] - 100 - wave[5 * DAY :]).abs().median() < 4
    assert (frame["upper"] - frame["lower"]).median() < 60  # the wave itself is 120 from top to bottom
    quiet = values.copy()
    quiet[6 * DAY + 72 : 6 * DAY + 84] -= 60  # what is normal at night, at the busiest hour
    assert any(6 * DAY + 72 <= place < 6 * DAY + 84 for place in outside(judge(quiet)))


def test_the_week_is_followed_where_weekends_differ():
    hours = np.arange(24 * 42)
    is_weekend = (hours // 24) % 7 >= 5
    values = np.where(is_weekend, 20.0, 100.0) + np.random.default_rng(3).normal(0, 1, len(hours))
    frame = judge(values, timedelta(hours=1))
    last = frame.iloc[-7 * 24 :]
    assert (last["expected"] - last["value"]).abs().median() < 5
    assert outside(last) == []


def test_a_new_level_is_told_once_and_then_usual():
    values = np.concatenate([noise(4), noise(3, level=160, seed=2)])
    frame = judge(values)
    assert frame["score"].iloc[4 * DAY] > 1
    assert outside(frame.iloc[5 * DAY :]) == []
    assert frame["expected"].iloc[5 * DAY] == pytest.approx(160, abs=2)
    found = anomalies(frame, for_points=3, cool_down=72)
    assert len(found) == 1


def test_gaps_are_gaps():
    values = noise(4)
    values[900:960] = np.nan
    frame = judge(values)
    assert frame["score"].iloc[900:960].isna().all()
    assert not any(900 <= place < 960 for place in outside(frame))
    assert frame["score"].iloc[980:].notna().all()


def test_none_and_infinite_values_are_gaps():
    values = [*noise(2), None, float("inf"), float("nan")]
    assert judge(values)["score"].iloc[-3:].isna().all()


def test_a_constant_is_expected_and_its_first_change_is_not():
    values = np.full(3 * DAY, 7.0)
    values[-1] = 9
    frame = judge(values)
    assert outside(frame) == [3 * DAY - 1]
    assert (frame["lower"].iloc[-2], frame["upper"].iloc[-2]) == (pytest.approx(6.86), pytest.approx(7.14))


def test_zeros_have_a_finite_score_and_a_minimum_band():
    values = np.zeros(3 * DAY)
    values[-1] = 1
    assert np.isfinite(judge(values)["score"].iloc[-1])
    assert judge(values)["score"].iloc[-1] > 1
    assert outside(judge(values, minimum_band=2.0)) == []


def test_nothing_below_zero_is_expected_where_nothing_was():
    values = np.abs(noise(4, level=1, spread=3))
    frame = judge(values)
    assert (frame["lower"].dropna() >= 0).all()
    assert (judge(values - 5)["lower"].dropna() < 0).any()


def test_without_a_day_of_history_nothing_is_judged():
    frame = judge([*noise(0.9), 1e9])
    assert frame[["lower", "upper", "score"]].isna().all().all()


def test_times_in_any_order_and_twice_are_put_on_even_steps():
    values = list(noise(2))
    times = [BEGIN + place * STEP + timedelta(seconds=40) for place in range(len(values))]
    frame = bands([times[3], *reversed(times)], [values[3] + 2, *reversed(values)], step=STEP)
    assert list(frame.columns) == list(COLUMNS)
    assert frame["time"].iloc[0] == pd.Timestamp(BEGIN)
    assert len(frame) == len(values)
    assert frame["value"].iloc[3] == pytest.approx(values[3] + 1)


def test_the_start_of_the_history_does_not_move_the_hours():
    values = noise(12)
    times = [BEGIN + place * STEP for place in range(len(values))]
    whole, later = bands(times, list(values), step=STEP), bands(times[29:], list(values[29:]), step=STEP)
    pd.testing.assert_series_equal(whole["upper"].iloc[-DAY:], later["upper"].iloc[-DAY:], check_index=False)


def test_empty_is_empty():
    frame = bands([], [], step=STEP)
    assert frame.empty
    assert anomalies(frame).empty


@pytest.mark.parametrize("step", [timedelta(minutes=1), timedelta(hours=1), timedelta(hours=6), timedelta(days=1)])
def test_any_step_works(step):
    values = np.concatenate([np.random.default_rng(1).normal(50, 1, 1_500), [50_000]])
    frame = judge(values, step)
    assert frame["score"].iloc[-1] > 1
    assert (frame["score"].iloc[-200:-1].abs() > 1).mean() < 0.05


def test_a_higher_sensitivity_makes_wider_bands():
    values = noise(3)
    narrow, wide = judge(values, sensitivity=1.5), judge(values, sensitivity=4)
    assert (wide["upper"] - narrow["upper"]).dropna().gt(0).all()


def test_a_run_counts_from_its_length_on():
    told = np.array([0, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1], dtype=bool)
    assert runs(told, for_points=3) == [(4, 6), (10, 12)]
    assert runs(told, for_points=3, cool_down=6) == [(4, 12)]
    assert runs(told, for_points=4) == []
    assert runs(np.zeros(0, dtype=bool), for_points=1) == []


def test_anomalies_say_when_and_how_far():
    values = noise(4)
    values[1_000:1_003] = [140, 180, 150]
    found = anomalies(judge(values), for_points=2, direction="above", unit="ms").iloc[0]
    assert found["since"] == pd.Timestamp(BEGIN + 1_000 * STEP)
    assert found["fired_at"] == pd.Timestamp(BEGIN + 1_002 * STEP)
    assert found["at"] == pd.Timestamp(BEGIN + 1_001 * STEP)
    assert (found["direction"], bool(found["is_open"]), found["value"]) == ("above", False, 180)
    assert found["told"].startswith("180 ms where ")
    assert anomalies(judge(values), for_points=2, direction="below").empty


def test_an_anomaly_that_lasts_is_open():
    values = noise(3)
    values[-3:] = 10
    found = anomalies(judge(values), for_points=3)
    assert list(found["is_open"]) == [True]
    assert list(found["direction"]) == ["below"]


@pytest.mark.parametrize(
    ("given", "told"),
    [((42, 18, 25), "42 where 18 to 25 was expected at this hour"), ((1, 0, 0), "1 where 0 was expected at this hour"),
     ((12_345.6, 0.01234, 1_000), "12,346 where 0.0123 to 1,000 was expected at this hour")],
)  # fmt: skip
def test_sentences(given, told):
    assert sentence(*given) == told


def test_a_mean_is_called_one():
    assert sentence(2, 1, 1.5, "s", over=timedelta(minutes=30)).startswith(
        "2 s on average over 30 min where 1 to 1.5 s"
    )


def test_figures_have_three_digits():
    assert [figure(value) for value in (0, 0.5, -1.234, 99.96, 1e6, float("nan"))] == [
        "0", "0.5", "-1.23", "100", "1,000,000", "unknown",
    ]  # fmt: skip


def test_the_median_over_seasons_needs_two_of_them():
    stack = np.array([[1.0, np.nan, np.nan], [3.0, 4.0, np.nan], [8.0, 6.0, 5.0]])
    np.testing.assert_array_equal(median_of(stack), [3.0, 5.0, np.nan])
    np.testing.assert_array_equal(earlier(np.array([1.0, 2, 3, 4]), 2, 3)[0], [np.nan, np.nan, 1, 2])

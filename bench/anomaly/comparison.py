"""The table: per series, in total, at equal recall, and with the setting chosen on the other series."""

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from bench.anomaly.detectors import SETTINGS, Outside
from bench.anomaly.scoring import COOL_DOWN, FOR_POINTS, Score, score, total
from bench.anomaly.series import FOLDER, PROBATION, STEP, Series, load
from bench.report import Row
from core.health.anomaly.bands import SENSITIVITY, bands

Scores = dict[tuple[str, float, str], Score]
OWN, *BASELINES = SETTINGS


def rows() -> list[Row]:
    """Empty of comparisons, and saying so, where the data are not there."""
    found = load()
    if not found:
        return [Row("anomaly detection", f"no data in {FOLDER}"), _speed()]
    outside = _judged(found)
    scores, slow = (_all(found, outside, for_points) for for_points in FOR_POINTS)
    return [
        _parameters(),
        *_each(found, scores),
        *_totals(found, scores),
        *_held_out(found, scores),
        *_patient(found, slow),
        _speed(),
    ]


def _judged(found: list[Series]) -> dict[tuple[str, float, str], Outside]:
    return {
        (name, setting, series.name): detector(series, setting)
        for name, (detector, stated, tried) in SETTINGS.items()
        for setting in {stated, *tried}
        for series in found
    }


def _all(found: list[Series], outside: dict[tuple[str, float, str], Outside], for_points: int) -> Scores:
    by_name = {series.name: series for series in found}
    return {key: score(by_name[key[2]], one, for_points) for key, one in outside.items()}


def _patient(found: list[Series], scores: Scores) -> list[Row]:
    """The same with an alarm at the third value in a row only, of both."""
    return [
        Row(f"{row.measure}, {FOR_POINTS[1]} in a row", row.figure, row.compared_with, row.ratio, row.bar)
        for row in _held_out(found, scores)
    ]


def _parameters() -> Row:
    policy = f"both: {FOR_POINTS[0]} value outside, cool-down {COOL_DOWN * STEP}, probation {PROBATION:.0%}"
    return Row("anomaly: parameters, the same for all series", f"sensitivity {SENSITIVITY}; {policy}")


def _stated(scores: Scores, name: str, series: str) -> Score:
    return scores[name, SETTINGS[name][1], series]


def _each(found: list[Series], scores: Scores) -> list[Row]:
    return [
        Row(f"anomaly: {series.name}", str(_stated(scores, OWN, series.name)),
            f"{BASELINES[0]}: {_stated(scores, BASELINES[0], series.name)}")
        for series in found
    ]  # fmt: skip


def _whole(found: list[Series], scores: Scores, name: str, setting: float) -> Score:
    return total(scores[name, setting, series.name] for series in found)


def _totals(found: list[Series], scores: Scores) -> list[Row]:
    own, made = _whole(found, scores, OWN, SENSITIVITY), []
    for name in BASELINES:
        other = _whole(found, scores, name, SETTINGS[name][1])
        made += [
            Row("anomaly: all series, F1", str(own), f"{name}: {other}", (own.f1 or 0) / (other.f1 or 1), ">= 1.5"),
            _at_equal_recall(found, scores, name),
        ]
    return made


def _at_equal_recall(found: list[Series], scores: Scores, name: str) -> Row:
    """Each with the setting of the fewest false alarms among those that find as much as the baseline's best F1 does."""
    others = [_whole(found, scores, name, setting) for setting in SETTINGS[name][2]]
    recall = max(others, key=lambda one: one.f1 or 0).recall or 0
    own = [_whole(found, scores, OWN, setting) for setting in SETTINGS[OWN][2]]
    least, least_other = (
        min((one for one in tried if (one.recall or 0) >= recall), key=lambda one: one.false) for tried in (own, others)
    )
    ratio = least.false_a_week / least_other.false_a_week
    measure = f"anomaly: false alarms a week at recall >= {recall:.2f}"
    return Row(
        measure, f"{least.false_a_week:.2f}", f"{name}, its best: {least_other.false_a_week:.2f}", ratio, "<= 0.7"
    )


def _held_out(found: list[Series], scores: Scores) -> list[Row]:
    """Each series with the setting that has the best F1 on the other seven: nothing is chosen on what it is scored on."""
    whole = {name: total(_unseen(found, scores, name, series) for series in found) for name in SETTINGS}
    own = whole[OWN]
    return [
        Row("anomaly: setting chosen on the other series", str(own), f"{name}: {whole[name]}",
            (own.f1 or 0) / (whole[name].f1 or 1), ">= 1.2")
        for name in BASELINES
    ]  # fmt: skip


def _unseen(found: list[Series], scores: Scores, name: str, series: Series) -> Score:
    others = [one for one in found if one is not series]
    chosen = max(SETTINGS[name][2], key=lambda setting: _whole(others, scores, name, setting).f1 or 0)
    return scores[name, chosen, series.name]


def _speed() -> Row:
    """30 days of minutes with a day's rhythm, gaps and noise."""
    count, random = 30 * 1_440, np.random.default_rng(7)
    times = pd.date_range(datetime(2026, 1, 1, tzinfo=UTC), periods=count, freq="min")
    values = 100 + 50 * np.sin(np.arange(count) / 1_440 * 2 * np.pi) + random.normal(0, 5, count)
    values[random.integers(0, count, 500)] = np.nan
    begun = time.process_time()
    bands(list(times), list(values), step=timedelta(minutes=1))
    return Row(
        "anomaly: bands of 30 days of minutes", f"{time.process_time() - begun:.2f} s of CPU for {count:,} values"
    )

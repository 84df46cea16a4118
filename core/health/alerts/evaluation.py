"""When a condition fires and when it is over: one pure function for the live look and for the dry run."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.health.alerts.conditions import Judged, judge, lead
from core.health.alerts.models import AlertRule
from core.health.alerts.series import Flags, Series, Values


@dataclass(frozen=True, slots=True)
class Interval:
    """A time in which a rule fires for one subject. `since` is when the condition began, `fired_at` when it had lasted.

    `cleared_at` is None while it fires. `fired_at` is None when it fired before the series began. `value` is the figure when
    it fired, `worst` the furthest beyond the bound until it ended.
    """

    subject: str
    since: datetime
    fired_at: datetime | None
    cleared_at: datetime | None
    value: float | None
    worst: float | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`intervals` in the order of subject and time; `last` has each subject's state at the end of the series."""

    intervals: list[Interval]
    last: dict[str, "Last"]


@dataclass(frozen=True, slots=True)
class Last:
    """One subject at the end: what it fires since, whether anything is known, and the figure (None unknown)."""

    is_firing: bool
    is_known: bool
    value: float | None
    volume: float


def evaluate(
    rule: AlertRule, series: Series, *, firing: Collection[str] = (), since: Mapping[str, datetime] | None = None
) -> Verdict:
    """Judges every subject of the series. `firing` are the subjects that fire as the series begins.

    Of a subject in `since`, only what came after the moment counts, such as after somebody said that all is well.

    A condition fires when it has held for `for_s` without a gap, and is over when its end has held for `clear_after_s`
    without a gap. What is unknown fires nothing and ends nothing: it begins both counts anew.
    """
    judged = judge(rule, series)
    for subject, moment in (since or {}).items():
        if subject in series.subjects:
            rows = int(np.ceil((moment - series.begin) / series.step))
            judged.forget(series.subjects.index(subject), max(rows, 0))
    return conclude(rule, judged, series, firing=firing)


def conclude(rule: AlertRule, judged: Judged, series: Series, *, firing: Collection[str] = ()) -> Verdict:
    """As `evaluate`, of a series that has been judged."""
    judged, series = _after_lead(rule, judged, series)
    before = np.array([subject in firing for subject in series.subjects], dtype=bool)
    counts = (_steps(series, rule.for_s), _steps(series, rule.clear_after_s))
    states = states_of(judged.breach, judged.clear, *counts, before)
    intervals = [
        interval
        for place in np.flatnonzero(states.any(axis=0) | before)
        for interval in _intervals(series, judged, states[:, place], int(place), bool(before[place]), counts[0])
    ]
    return Verdict(intervals, _last(series, judged, states, before))


def _after_lead(rule: AlertRule, judged: Judged, series: Series) -> tuple[Judged, Series]:
    """Without the steps that are only there to fill the first window."""
    rows = series.steps(lead(rule).total_seconds())
    return judged.after(rows), series.after(rows)


def _steps(series: Series, seconds: int) -> int:
    return series.steps(seconds) if seconds > 0 else 1


def states_of(breach: Flags, clear: Flags, for_steps: int, clear_steps: int, before: Flags) -> Flags:
    """Firing or not after each step, by subject: hysteresis over runs of breach and of clear."""
    states = np.zeros(breach.shape, dtype=bool)
    state, bad, good = before.copy(), np.zeros(before.shape, dtype=np.int64), np.zeros(before.shape, dtype=np.int64)
    for place in range(len(breach)):
        bad = np.where(breach[place], bad + 1, 0)
        good = np.where(clear[place], good + 1, 0)
        state = (state & (good < clear_steps)) | (bad >= for_steps)
        states[place] = state
    return states


def _intervals(
    series: Series, judged: Judged, states: Flags, place: int, before: bool, for_steps: int
) -> list[Interval]:
    edges = np.diff(np.concatenate(([before], states)).astype(np.int8))
    starts = [-1] * before + [int(one) for one in np.flatnonzero(edges == 1)]
    ends: list[int | None] = [int(one) for one in np.flatnonzero(edges == -1)]
    ends += [None] * (len(starts) - len(ends))
    pairs = zip(starts, ends, strict=True)
    return [_interval(series, judged, place, start, end, for_steps) for start, end in pairs]


def _interval(
    series: Series, judged: Judged, place: int, start: int, end: int | None, for_steps: int
) -> Interval:  # fmt: skip
    first = max(start - for_steps + 1, 0)
    values = judged.value[first : len(judged.value) if end is None else end + 1, place]
    fired = None if start < 0 else series.begin + (start + 1) * series.step
    return Interval(
        subject=series.subjects[place],
        since=series.begin + first * series.step,
        fired_at=fired,
        cleared_at=None if end is None else series.begin + (end + 1) * series.step,
        value=None if start < 0 else _or_none(judged.value[start, place]),
        worst=_worst(values, is_above=judged.is_above),
    )


def _worst(values: Values, *, is_above: bool) -> float | None:
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    return float(known.max() if is_above else known.min())


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _last(series: Series, judged: Judged, states: Flags, before: Flags) -> dict[str, Last]:
    if not len(states):
        return {
            subject: Last(bool(firing), False, None, 0.0)
            for subject, firing in zip(series.subjects, before, strict=True)
        }
    known = judged.breach[-1] | judged.clear[-1] | judged.between[-1]
    columns = zip(series.subjects, states[-1], known, judged.value[-1], judged.volume[-1], strict=True)
    return {
        subject: Last(bool(firing), bool(is_known), _or_none(value), float(volume))
        for subject, firing, is_known, value, volume in columns
    }

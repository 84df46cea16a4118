"""What each kind of rule asks of a series: step by step, whether its condition holds, has ended, or nothing is known.

Settings by kind: rate_of_change {baseline_s}; anomaly {sensitivity, direction: above|below|both}; burn_rate {objective,
windows: [{long_s, short_s, rate}]}. The other kinds have none.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from core.health.alerts.burn_rate import Pair, pairs_of
from core.health.alerts.measures import MEASURES
from core.health.alerts.models import AlertRule
from core.health.alerts.series import Flags, Series, Values, rolling, windowed
from core.health.anomaly.bands import HISTORY, bands


@dataclass(frozen=True, slots=True)
class Judged:
    """By step and subject. A step that is none of `breach`, `clear` and `between` is unknown.

    `between` is known and neither: past the end that the rule asks for, not beyond its bound. `value` is what is compared
    (NaN unknown), `is_above` whether more of it is worse. `lower` and `upper` are the band of an anomaly rule.
    """

    value: Values
    volume: Values
    breach: Flags
    clear: Flags
    between: Flags
    is_above: bool = True
    lower: Values | None = None
    upper: Values | None = None

    def forget(self, place: int, rows: int) -> None:
        """Makes the first rows of a subject unknown."""
        for known in (self.breach, self.clear, self.between):
            known[:rows, place] = False

    def after(self, rows: int) -> "Judged":
        """Without the first rows."""
        names = ("value", "volume", "breach", "clear", "between", "lower", "upper")
        held = {name: getattr(self, name) for name in names}
        return replace(self, **{name: one[rows:] for name, one in held.items() if one is not None})


def judge(rule: AlertRule, series: Series) -> Judged:
    """The condition of the rule's kind over the series."""
    return _JUDGES[rule.kind](rule, series)


def _compared(rule: AlertRule, value: Values, volume: Values) -> Judged:
    """Beyond the bound or not; unknown also where less than the minimum volume is behind the figure."""
    is_above = rule.comparison == "above"
    enough = ~np.isnan(value) & (volume >= rule.minimum_volume)
    end = rule.bound if rule.clear_bound is None else rule.clear_bound
    with np.errstate(invalid="ignore"):
        breach = enough & ((value > rule.bound) if is_above else (value < rule.bound))
        clear = enough & ~breach & ((value <= end) if is_above else (value >= end))
    return Judged(value, volume, breach, clear, enough & ~breach & ~clear, is_above)


def _threshold(rule: AlertRule, series: Series) -> Judged:
    return _compared(rule, *windowed(series, MEASURES[rule.measure].combine, rule.window_s))


def _absence(_: AlertRule, series: Series) -> Judged:
    """Nothing stored while somebody looked; the value is how many seconds nothing came."""
    there = np.nan_to_num(series.volume) > 0
    breach = ~there & series.observed[:, None]
    silent = np.zeros(breach.shape)
    run = np.zeros(breach.shape[1])
    for place in range(len(breach)):
        run = np.where(there[place], 0.0, run + breach[place] * series.step.total_seconds())
        silent[place] = run
    known = there | breach
    return Judged(np.where(known, silent, np.nan), np.nan_to_num(series.volume), breach, there, np.zeros_like(there))


def _rate_of_change(rule: AlertRule, series: Series) -> Judged:
    """The share by which the figure changed against the same window `baseline_s` before: 0.5 is half as much again."""
    value, volume = windowed(series, MEASURES[rule.measure].combine, rule.window_s)
    back = series.steps(rule.settings["baseline_s"])
    then, enough = np.full_like(value, np.nan), np.zeros_like(volume)
    then[back:], enough[back:] = value[:-back], volume[:-back]
    with np.errstate(invalid="ignore", divide="ignore"):
        change = np.where(then == 0, np.where(value > 0, np.inf, 0.0), (value - then) / np.abs(then))
    change = np.where(np.isnan(value) | np.isnan(then), np.nan, np.round(change, 9))
    sign = 1.0 if rule.comparison == "above" else -1.0
    told = _compared(_rising(rule), sign * change, np.maximum(volume, enough))
    return Judged(change, told.volume, told.breach, told.clear, told.between, rule.comparison == "above")


def _rising(rule: AlertRule) -> AlertRule:
    """The same bounds for a change whose sign has been turned."""
    return AlertRule(
        comparison="above", bound=rule.bound, clear_bound=rule.clear_bound, minimum_volume=rule.minimum_volume
    )


def _anomaly(rule: AlertRule, series: Series) -> Judged:
    """Outside of the band that the past lets expect."""
    value, volume = windowed(series, MEASURES[rule.measure].combine, rule.window_s)
    score, lower, upper = (np.full_like(value, np.nan) for _ in range(3))
    for place in range(value.shape[1]):
        band = bands(
            series.times, value[:, place].tolist(), step=series.step, sensitivity=rule.settings["sensitivity"]
        )  # fmt: skip
        found = band.set_index("time").reindex(series.times)
        score[:, place], lower[:, place], upper[:, place] = (found[name] for name in ("score", "lower", "upper"))
    known = ~np.isnan(score) & (volume >= rule.minimum_volume)
    direction = rule.settings.get("direction", "both")
    with np.errstate(invalid="ignore"):
        high, low = score > 1, score < -1
    breach = known & {"above": high, "below": low, "both": high | low}[direction]
    none = np.zeros_like(breach)
    return Judged(value, volume, breach, known & ~breach, none, direction != "below", lower, upper)


def _burn_rate(rule: AlertRule, series: Series) -> Judged:
    """Burning over the long and the short window of at least one pair; the value is the rate over the long one."""
    budget = 1 - rule.settings["objective"]
    value, volume = np.full_like(series.amount, np.nan), np.zeros_like(series.amount)
    breach, known = np.zeros(value.shape, dtype=bool), np.zeros(value.shape, dtype=bool)
    for pair in pairs_of(rule.settings):
        long, held, is_known, burns = _burns(series, pair, budget, rule.minimum_volume)
        value = np.where(np.isnan(value) | (burns & ~breach), long, value)
        volume = np.where(volume == 0, held, volume)
        breach, known = breach | burns, known | is_known
    return Judged(value, volume, breach, known & ~breach, np.zeros_like(breach))


def _burns(series: Series, pair: Pair, budget: float, minimum: int) -> tuple[Values, Values, Flags, Flags]:
    """Rate and volume over the long window, where both windows are known, and where the pair fires."""
    (long, held), (short, _) = (_rate(series, seconds, budget) for seconds in (pair.long_s, pair.short_s))
    known = ~np.isnan(long) & ~np.isnan(short) & (held >= minimum)
    with np.errstate(invalid="ignore"):
        return long, held, known, known & (long > pair.rate) & (short > pair.rate)


def _rate(series: Series, seconds: int, budget: float) -> tuple[Values, Values]:
    size = series.steps(seconds)
    errors, total = rolling(series.amount, size), rolling(series.volume, size)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, np.round(errors / total / budget, 9), np.nan), total


def _budget(_: AlertRule, series: Series) -> Judged:
    """The volume is how many times the rate is what a pair of windows allows, over both of them."""
    known = ~np.isnan(series.amount)
    breach = known & (np.nan_to_num(series.volume) > 1)
    return Judged(series.amount, np.nan_to_num(series.volume), breach, known & ~breach, np.zeros_like(breach))


def lead(rule: AlertRule) -> timedelta:
    """How much before the first step to be judged the series begins."""
    longest = rule.window_s
    if rule.kind == "burn_rate":
        longest = max(pair.long_s for pair in pairs_of(rule.settings))
    if rule.kind == "rate_of_change":
        longest += rule.settings["baseline_s"]
    if rule.kind == "anomaly":
        longest += round(HISTORY.total_seconds())
    return timedelta(seconds=longest)


_JUDGES: dict[str, Callable[[AlertRule, Series], Judged]] = {
    "threshold": _threshold,
    "absence": _absence,
    "rate_of_change": _rate_of_change,
    "anomaly": _anomaly,
    "monitor_down": _threshold,
    "certificate": _threshold,
    "burn_rate": _burn_rate,
    "sla_violation": _threshold,
    "sla_budget": _budget,
}

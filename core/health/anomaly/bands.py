"""The band in which the next value was to be expected, from the past alone.

A band is the sensitivity times as wide as what is usual there. Usual is the largest of: what nine in ten hours of the last
week stayed within, what three in four hours of the last day did, and what is typical within 30 minutes of this time of day
(and of the week). Each side has its own width, for most figures of computers are skewed. The mean over the last 30 minutes
has a band of its own, made the same way: it shows what lasts but hides in the noise of single values. Hours are the unit
because robust figures of the points would call every burst an anomaly, and plain ones would widen with the first.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from core.health.anomaly.grid import Grid, Values, even
from core.health.anomaly.seasons import choice, earlier, guesses, median_of, nearby, seasons

SENSITIVITY = 2.5
HISTORY = timedelta(days=29)  # four weeks to compare with, and a day
RECENT, FEWEST = timedelta(minutes=30), 6  # what the mean is over: as long as this, and as many steps
WEEK_SHARE, DAY_SHARE = 0.9, 0.75
LEAST_BLOCKS = 6
LEAST_RATIO = 0.02  # a band is never closer to what is expected than this share of it
SMALLEST, HIGHEST_SCORE = 1e-9, 1_000.0
COLUMNS = (
    "time", "value", "lower", "expected", "upper", "recent", "recent_lower", "recent_upper", "value_score", "recent_score",
    "score",
)  # fmt: skip


def bands(
    times: Sequence[datetime], values: Sequence[float | None], *, step: timedelta, sensitivity: float = SENSITIVITY,
    minimum_band: float = 0.0,
) -> pd.DataFrame:  # fmt: skip
    """One row per step, oldest first; each is judged by the rows before it alone.

    Columns: time (UTC, start of the step), value, lower, expected, upper, recent (mean of the last half hour, six steps at
    least) with recent_lower and recent_upper, value_score and recent_score (distance from what is expected in widths of
    the band: beyond 1 or -1 is outside), and score, the one further off. A gap has no value and no score; while there is
    too little history (a day of minutes, more of longer steps), there is no band. `minimum_band` is the least half-width, in the
    values' unit. Seasons are those of UTC.
    """
    series = even(times, values, step)
    grid = Grid.of(series, step)
    known: Values = np.asarray(series, dtype=np.float64)
    if not grid.count:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in COLUMNS})
    made = guesses(known, grid)
    widths = [_widths(known - guess, grid) for guess in made]
    chosen = choice(known, made, [np.asarray(np.isfinite(width).all(axis=0)) for width in widths], grid)
    centre, width = np.choose(chosen, made), np.choose(chosen, widths)
    least = np.fmax(LEAST_RATIO * np.abs(centre), max(minimum_band, SMALLEST))
    reach = np.maximum(sensitivity * width, least)
    return _judged(series.index, known, centre, reach, _mean_of_late(known - centre, grid))


def _judged(times: pd.Index, values: Values, centre: Values, reach: Values, off: Values) -> pd.DataFrame:
    is_positive = _above_zero(values)
    low, late_low = (np.where(is_positive, np.maximum(centre - down, 0), centre - down) for down in reach[::2])
    high, late_high = (centre + up for up in reach[1::2])
    own, late = _score(values, low, centre, high), _score(centre + off, late_low, centre, late_high)
    further = np.where(np.abs(np.nan_to_num(late)) > np.abs(np.nan_to_num(own)), late, own)
    columns = (times, values, low, centre, high, centre + off, late_low, late_high, own, late, further)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def _widths(off: Values, grid: Grid) -> Values:
    """How far is usual, in four rows: below and above, of the values and of their mean of late."""
    mean = _mean_of_late(off, grid)
    return np.stack([_width(side, grid) for side in (-off, off, -mean, mean)])


def _mean_of_late(off: Values, grid: Grid) -> Values:
    """The mean over the last steps, this one included; a gap stays one."""
    size = max(grid.per(RECENT), FEWEST)
    means = pd.Series(off).rolling(size, min_periods=size // 2).mean().to_numpy()
    return np.where(np.isnan(off), np.nan, means)


def _width(off: Values, grid: Grid) -> Values:
    """How far to this side is usual; NaN where too little is known."""
    reach = grid.in_blocks(off, np.nanmax).clip(lower=0)
    day = max(grid.blocks_a_day, LEAST_BLOCKS)
    week, late = (reach.rolling(size, min_periods=day) for size in (7 * day, day))
    usual = pd.Series(np.fmax(week.quantile(WEEK_SHARE), late.quantile(DAY_SHARE)))
    wide = grid.before(usual)
    peaks = nearby(off, grid, "max")
    for season in seasons(grid):
        wide = np.where(np.isnan(wide), wide, np.fmax(wide, median_of(earlier(peaks, *season))))
    return wide


def _above_zero(values: Values) -> Values:
    """Where no value so far was negative: there none is expected."""
    lowest = np.fmin.accumulate(values)
    return np.concatenate([[True], ~(lowest[:-1] < 0)])


def _score(values: Values, lower: Values, centre: Values, upper: Values) -> Values:
    off = values - centre
    width = np.maximum(np.where(off > 0, upper - centre, centre - lower), SMALLEST)
    return np.clip(off / width, -HIGHEST_SCORE, HIGHEST_SCORE)

"""What was to be expected: the level of late, and what this hour was like on other days and in other weeks.

Looks back only: no figure of a moment comes from that moment or a later one.
"""

from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.health.anomaly.grid import DAY, LEAST, SHORTEST, WEEK, Grid, Values

DAYS, WEEKS = 7, 4  # how many of them are looked at
NEAR = timedelta(minutes=30)  # what runs every day does not begin at the same second
LEVEL = timedelta(hours=6)  # a new level is the usual one when it has lasted for half of this
CLEARLY = 0.9  # a season is followed where it erred a tenth less than without


def seasons(grid: Grid) -> list[tuple[int, int]]:
    """Pairs of steps in a season and how many of them are looked at; none that the history is too short for."""
    near, pairs = grid.per(NEAR), ((grid.per(DAY), DAYS), (grid.per(WEEK), WEEKS))
    return [(lag, times) for lag, times in pairs if grid.count > LEAST * lag and lag > 2 * near]


def median_of(stack: Values) -> Values:
    """The median of each column, NaN left out; NaN where fewer than LEAST are known. Some ten times faster than nanmedian."""
    ordered = np.sort(stack, axis=0)  # NaN comes last
    known = np.sum(~np.isnan(ordered), axis=0)
    low, high = np.maximum((known - 1) // 2, 0), np.maximum(np.minimum(known // 2, known - 1), 0)
    both = [np.take_along_axis(ordered, place[None], axis=0)[0] for place in (low, high)]
    return np.where(known >= LEAST, (both[0] + both[1]) / 2, np.nan)


def earlier(values: Values, lag: int, times: int) -> Values:
    """A row per season back: the values `lag`, twice `lag` and so on before."""
    stack = np.full((times, len(values)), np.nan)
    for row, back in enumerate(range(lag, min(times * lag, len(values) - 1) + 1, lag)):
        stack[row, back:] = values[:-back]
    return stack


def nearby(values: Values, grid: Grid, measure: str) -> Values:
    """A figure (`median`, `max`) of the values within NEAR; only for a look at earlier seasons, for it sees ahead."""
    window = pd.Series(values).rolling(2 * grid.per(NEAR) + 1, center=True, min_periods=1)
    found: Values = getattr(window, measure)().to_numpy()
    return found


def guesses(values: Values, grid: Grid) -> list[Values]:
    """What each value was expected to be by the level of late alone, by the day, and by the week; the last two where the
    history is long enough."""
    centre = nearby(values, grid, "median")
    usual = [np.zeros(grid.count), *(median_of(earlier(centre, *season)) for season in seasons(grid))]
    return [_levelled(values, season, grid) for season in usual]


def choice(values: Values, made: list[Values], is_usable: list[NDArray[np.bool_]], grid: Grid) -> NDArray[np.int64]:
    """For each value, the number of the guess that was right in the week before; a usable one where there is one."""
    best, least = np.zeros(grid.count, dtype=np.int64), _error(values, made[0], grid)
    for number, (guess, usable) in enumerate(zip(made[1:], is_usable[1:], strict=True), start=1):
        error = _error(values, guess, grid)
        is_better = usable & (error < CLEARLY * least)
        best, least = np.where(is_better, number, best), np.where(is_better, error, least)
    return best


def _levelled(values: Values, season: Values, grid: Grid) -> Values:
    """The season, moved by the median of how the values of late lay to it."""
    window = pd.Series(values - season).rolling(max(grid.per(LEVEL), SHORTEST), min_periods=SHORTEST)
    moved: Values = season + window.median().shift(1).to_numpy()
    return moved


def _error(values: Values, guess: Values, grid: Grid) -> Values:
    """How far off the guesses of the last week were; medians of blocks, so that an outlier does not matter."""
    errors = grid.in_blocks(np.abs(values - guess), np.nanmedian)
    return grid.before(errors.rolling(7 * grid.blocks_a_day, min_periods=6).mean())

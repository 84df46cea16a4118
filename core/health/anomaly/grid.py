"""Values at even steps, and blocks of them that begin where the clock's do, so that history of any length agrees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from warnings import catch_warnings, simplefilter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Values = NDArray[np.float64]
DAY, WEEK, HOUR = timedelta(days=1), timedelta(days=7), timedelta(hours=1)
SHORTEST = 12  # steps that a figure of late takes
LEAST = 2  # earlier days or weeks that a season takes
_EPOCH = pd.Timestamp(0, tz="UTC")


def even(times: Sequence[datetime], values: Sequence[float | None], step: timedelta) -> "pd.Series[float]":
    """The values by the start of their step (UTC), a missing one NaN; of several in a step, their mean."""
    given = pd.Series(pd.array(values, dtype="Float64").to_numpy("float64", na_value=np.nan), dtype="float64")
    given = given.where(np.isfinite(given))
    given.index = pd.DatetimeIndex(pd.to_datetime(list(times), utc=True)).floor(pd.Timedelta(step))
    if not given.index.is_unique:
        given = given.groupby(level=0).mean()
    if given.empty:
        return given
    return given.sort_index().asfreq(f"{step.total_seconds():.0f}s")


@dataclass(frozen=True, slots=True)
class Grid:
    """How many steps each duration is. `offset` is how far into its block the first step lies."""

    count: int
    step: timedelta
    offset: int

    @classmethod
    def of(cls, series: "pd.Series[float]", step: timedelta) -> "Grid":
        made = cls(len(series), step, 0)
        first = (series.index[0] - _EPOCH) // pd.Timedelta(step) if len(series) else 0
        return cls(len(series), step, int(first) % made.block)

    def per(self, length: timedelta) -> int:
        """Steps in a duration, at least one."""
        return max(round(length / self.step), 1)

    @property
    def block(self) -> int:
        """Steps in a block: an hour, but not fewer than twelve."""
        return max(self.per(HOUR), SHORTEST)

    @property
    def blocks_a_day(self) -> int:
        return max(self.per(DAY) // self.block, 2)

    def in_blocks(self, values: Values, measure: Callable[..., Any]) -> "pd.Series[float]":
        """One figure per block, NaN where nothing is known."""
        behind = -(self.offset + self.count) % self.block
        padded = np.pad(values, (self.offset, behind), constant_values=np.nan)
        with catch_warnings():
            simplefilter("ignore", RuntimeWarning)  # a block of gaps is NaN, which is meant
            return pd.Series(measure(padded.reshape(-1, self.block), axis=1))

    def before(self, figures: "pd.Series[float]") -> Values:
        """For each step, the figure of the block before its own: that block is over, its own is not."""
        spread: Values = np.repeat(figures.shift(1).to_numpy(), self.block)
        return spread[self.offset : self.offset + self.count]

"""What was measured, on a regular grid of time: one column per subject, with how much is behind each figure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Combine = Literal["ratio", "mean", "count", "rate", "value"]

# Of a count, half of the window may be unobserved before the sum says nothing any more.
LEAST_OBSERVED = 0.5
DIGITS = 9  # running sums differ in the last digits with where they began


@dataclass(frozen=True, slots=True)
class Series:
    """Rows are steps (row i is `begin + i * step` and as long as a step), columns are subjects.

    `amount` over `volume` is the figure of a step; both are NaN where nothing was stored. `observed`: somebody looked at
    that time, so that nothing stored means nothing happened.
    """

    begin: datetime
    step: timedelta
    subjects: tuple[str, ...]
    amount: Values
    volume: Values
    observed: Flags

    @property
    def end(self) -> datetime:
        return self.begin + len(self.observed) * self.step

    @property
    def times(self) -> list[datetime]:
        """The start of each step."""
        return [self.begin + place * self.step for place in range(len(self.observed))]

    def steps(self, seconds: float) -> int:
        """How many steps a length takes, at least one."""
        return max(int(np.ceil(seconds / self.step.total_seconds())), 1)

    def after(self, rows: int) -> "Series":
        """Without the first rows."""
        cut = {name: getattr(self, name)[rows:] for name in ("amount", "volume", "observed")}
        return replace(self, begin=self.begin + rows * self.step, **cut)

    def of(self, subjects: Sequence[str]) -> "Series":
        """The columns of these subjects."""
        kept = [place for place, subject in enumerate(self.subjects) if subject in set(subjects)]
        named = tuple(self.subjects[place] for place in kept)
        return replace(self, subjects=named, amount=self.amount[:, kept], volume=self.volume[:, kept])


def floor_to(moment: datetime, step: timedelta) -> datetime:
    """The start of the step that holds the moment; steps are counted from 1970."""
    seconds = step.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // seconds * seconds, UTC)


def grid(
    rows: Sequence[Any], *, begin: datetime, end: datetime, step: timedelta, observed: Flags | None = None
) -> Series:
    """A series out of rows of (bucket, subject, amount, volume); buckets that are not on the grid are left out."""
    length = max(round((end - begin) / step), 0)
    subjects = sorted({row[1] for row in rows})
    columns = {subject: place for place, subject in enumerate(subjects)}
    amount, volume = np.full((length, len(subjects)), np.nan), np.full((length, len(subjects)), np.nan)
    for bucket, subject, held, weight in rows:
        place = int((bucket - begin) / step)
        if 0 <= place < length:
            amount[place, columns[subject]] = np.nan if held is None else held
            volume[place, columns[subject]] = np.nan if weight is None else weight
    seen = np.ones(length, dtype=bool) if observed is None else observed
    return Series(begin, step, tuple(subjects), amount, volume, seen)


def rolling(values: Values, size: int) -> Values:
    """The sum of the last `size` rows; fewer at the beginning. NaN counts as nothing."""
    known = np.nan_to_num(values)
    if size == 1:
        return known
    sums = np.cumsum(known, axis=0)
    sums[size:] = sums[size:] - sums[:-size]
    return np.round(sums, DIGITS)


def windowed(series: Series, combine: Combine, seconds: float) -> tuple[Values, Values]:
    """The figure over the window that ends with each step, NaN where it is unknown, and the volume behind it.

    Ratios and means are unknown without volume. A count or a rate (a minute) takes what was not stored for nothing where
    somebody looked, and is unknown when nobody did for half of the window.
    """
    size = series.steps(seconds)
    if combine == "value":
        return series.amount, np.nan_to_num(series.volume)
    if combine in {"ratio", "mean"}:
        sums, volume = rolling(series.amount, size), rolling(series.volume, size)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(volume > 0, np.round(sums / volume, DIGITS), np.nan), volume
    return _counted(series, combine, size)


def _counted(series: Series, combine: Combine, size: int) -> tuple[Values, Values]:
    stored = ~np.isnan(series.amount)
    known = rolling((stored | series.observed[:, None]).astype(float), size)
    sums = rolling(series.amount, size)
    minutes = known * series.step.total_seconds() / 60
    with np.errstate(invalid="ignore", divide="ignore"):
        figure = sums / minutes if combine == "rate" else sums
    return np.where(known >= LEAST_OBSERVED * size, np.round(figure, DIGITS), np.nan), sums

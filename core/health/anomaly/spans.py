"""Anomalies: when values were outside of their band for long enough, each with a sentence that says how far."""

from datetime import timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.health.anomaly.bands import FEWEST, RECENT

Direction = Literal["both", "above", "below"]
FOR_POINTS = 3
COLUMNS = {
    "since": "datetime64[ns, UTC]", "until": "datetime64[ns, UTC]", "fired_at": "datetime64[ns, UTC]", "is_open": "bool",
    "direction": "object", "points": "int64", "at": "datetime64[ns, UTC]", "value": "float64", "lower": "float64",
    "upper": "float64", "score": "float64", "told": "object",
}  # fmt: skip


def runs(outside: NDArray[np.bool_], *, for_points: int, cool_down: int = 0) -> list[tuple[int, int]]:
    """First and last place of each run of at least `for_points` in a row; one that begins within `cool_down` places after
    the one before belongs to it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], outside, [False]]).astype(np.int8)))
    found: list[tuple[int, int]] = []
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - first < for_points:
            continue
        if found and first + for_points - 1 - found[-1][1] <= cool_down:
            found[-1] = (found[-1][0], end - 1)
        else:
            found.append((first, end - 1))
    return found


def anomalies(
    bands: pd.DataFrame,
    *,
    for_points: int = FOR_POINTS,
    direction: Direction = "both",
    cool_down: int = 0,
    unit: str = "",
) -> pd.DataFrame:
    """One row per anomaly, oldest first, of the frame that `bands` returns.

    Columns: since and until (UTC, the end of its last step), fired_at (the end of the `for_points`-th step), is_open (the
    last row is part of it), direction (above, below), points, at (start of the furthest step) and what was there: value,
    lower, upper, score; told (the sentence). After an anomaly, what begins within `cool_down` steps belongs to it.
    """
    if len(bands) < 2:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})
    step, score = bands["time"].iloc[1] - bands["time"].iloc[0], bands["score"].to_numpy()
    outside = {"both": np.abs(score) > 1, "above": score > 1, "below": score < -1}[direction]
    found = runs(outside, for_points=for_points, cool_down=cool_down)
    rows = [_row(bands, run, step, outside, for_points=for_points, unit=unit) for run in found]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _row(
    bands: pd.DataFrame, run: tuple[int, int], step: pd.Timedelta, outside: NDArray[np.bool_], *, for_points: int, unit: str
) -> dict[str, Any]:  # fmt: skip
    first, last = run
    part, counted = bands.iloc[first : last + 1], outside[first : last + 1]
    furthest = part.iloc[int(np.argmax(np.where(counted, part["score"].abs().to_numpy(), -1.0)))]
    is_mean = furthest["score"] != furthest["value_score"]
    names = ("recent", "recent_lower", "recent_upper") if is_mean else ("value", "lower", "upper")
    value, lower, upper = (furthest[name] for name in names)
    over = max(RECENT, FEWEST * step) if is_mean else None
    return {
        "since": part["time"].iloc[0], "until": part["time"].iloc[-1] + step,
        "fired_at": part["time"].iloc[0] + for_points * step, "is_open": last == len(bands) - 1,
        "direction": "above" if furthest["score"] > 0 else "below", "points": int(counted.sum()), "at": furthest["time"],
        "value": value, "lower": lower, "upper": upper, "score": furthest["score"],
        "told": sentence(value, lower, upper, unit, over=over),
    }  # fmt: skip


def sentence(value: float, lower: float, upper: float, unit: str = "", *, over: timedelta | None = None) -> str:
    """Such as "42 ms where 18 to 25 ms was expected at this hour". `over`: the value is the mean over this time."""
    suffix = f" {unit}" if unit else ""
    mean = f" on average over {over / timedelta(minutes=1):g} min" if over else ""
    low, high = figure(lower), figure(upper)
    band = low if low == high else f"{low} to {high}"
    return f"{figure(value)}{suffix}{mean} where {band}{suffix} was expected at this hour"


def figure(value: float) -> str:
    """Three digits that count, without an exponent."""
    if value == 0 or not np.isfinite(value):
        return "0" if value == 0 else "unknown"
    digits = max(2 - int(np.floor(np.log10(abs(value)))), 0)
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}"

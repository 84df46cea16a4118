"""How many tickets will be open in the coming days, out of what came and went on the last ones. Pure.

Each day's growth (created less resolved) is expected to be the mean of its day of the week; that is the regression on seven
dummies, whose prediction interval for a sum of days is exact for normal errors: Montgomery, Peck and Vining, Introduction to
Linear Regression Analysis, 5th edition, section 3.5.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.customers.quotas.theil_sen import Z

FEWEST_DAYS = 21  # three of each day of the week
HORIZON = 28
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Backlog:
    """`course`: day, expected, low, high at the end of each coming day, the first of which is today; empty where nothing can
    be said. `days` is of how many days the flow was known."""

    sentence: str
    days: int
    course: pd.DataFrame


def forecast(flow: pd.DataFrame, *, open_now: int, now: datetime, horizon: int = HORIZON) -> Backlog:
    """`flow`: day (UTC), created, resolved, one row per whole day without a gap, oldest first."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    known = flow[flow["day"] < today]
    if len(known) < FEWEST_DAYS:
        few = f"Only {len(known)} whole days are known; a forecast takes {FEWEST_DAYS}, three of each day of the week."
        return Backlog(few, len(known), _frame(today, np.empty((3, 0))))
    growth = (known["created"] - known["resolved"]).to_numpy(dtype="float64")
    weekdays = known["day"].dt.day_of_week.to_numpy()
    left = 1 - (now - today) / timedelta(days=1)
    parts = np.array([left] + [1.0] * (horizon - 1))
    coming = (today.weekday() + np.arange(horizon)) % 7
    course = _frame(today, _sums(growth, weekdays, parts, coming, open_now))
    return Backlog(_sentence(course, open_now), len(known), course)


def _sums(growth: Floats, weekdays: Any, parts: Floats, coming: Any, start: int) -> Floats:
    """Expected, low and high after each part of a day. Never less than nothing is open."""
    usual = np.array([growth[weekdays == day].mean() for day in range(7)])
    seen = np.array([(weekdays == day).sum() for day in range(7)])
    residuals = growth - usual[weekdays]
    free = len(growth) - 7
    variance = float(residuals @ residuals) / free
    expected = start + np.cumsum(usual[coming] * parts)
    # What the days scatter by themselves, and what is uncertain of the means that they share.
    weights = np.array([np.cumsum(np.where(coming == day, parts, 0.0)) for day in range(7)])
    shared = (weights**2 / seen[:, None]).sum(axis=0)
    off = student(free) * np.sqrt(variance * (np.cumsum(parts) + shared))
    found: Floats = np.maximum(np.array([expected, expected - off, expected + off]), 0)
    return found


def student(free: int) -> float:
    """The two-sided 80 % point of Student's t; right to three digits from 14 degrees of freedom on (Abramowitz and Stegun,
    Handbook of Mathematical Functions, 26.7.5)."""
    first, second = (Z**3 + Z) / 4, (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    return Z + first / free + second / free**2


def _frame(today: datetime, sums: Floats) -> pd.DataFrame:
    days = pd.date_range(pd.Timestamp(today), periods=sums.shape[1])
    return pd.DataFrame({"day": days, "expected": sums[0], "low": sums[1], "high": sums[2]})


def _sentence(course: pd.DataFrame, open_now: int) -> str:
    last = course.iloc[-1]
    span = f"between {math.floor(last['low']):,} and {math.ceil(last['high']):,}, four times out of five"
    ahead = f"About {round(last['expected']):,} open tickets are expected in {len(course)} days, {span}"
    if last["low"] > open_now:
        return f"{ahead}: more come than go."
    if last["high"] < open_now:
        return f"{ahead}: more go than come."
    return f"{ahead}: whether it grows or shrinks cannot be said."

"""The day on which a quota is reached, out of the course of days. Pure.

What stands (people, bytes) is a robust line through its levels. What adds up within a month is the usual amount of each day
of the week, added to what is used already, until the month ends and the count begins anew.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.customers.quotas.amounts import shown
from core.customers.quotas.resources import Resource
from core.customers.quotas.rules import month_of, resets_at
from core.customers.quotas.theil_sen import Floats, Z, line, robust_spread

FEWEST_DAYS = 7  # what is less than a week old has no course yet
SEASONAL_DAYS = 21  # three of each day of the week
LEVEL_DAYS, RATE_DAYS = 60, 42
HORIZON = 365
Outcome = Literal["unknown", "unlimited", "reached", "on", "later", "not_growing", "not_before_reset"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a quota is reached. `earliest` and `latest` hold the day in four of five cases; None is not within sight.

    `course`: day, expected, low, high of what is used at the end of each coming day; empty where nothing can be said.
    `days` is of how many days the course was known.
    """

    outcome: Outcome
    sentence: str
    days: int = 0
    on: date | None = None
    earliest: date | None = None
    latest: date | None = None
    course: pd.DataFrame | None = None


def forecast(
    resource: Resource, days: pd.DataFrame, *, used: float | None, limit: float | None, now: datetime
) -> Forecast:
    """`days`: day (UTC), amount (NA is unknown), oldest first; the last may be today. `used` is the use now."""
    known = days.dropna(subset=["amount"])
    known = (
        known[known["day"] < now.replace(hour=0, minute=0, second=0, microsecond=0)] if resource.is_monthly else known
    )
    said = _without_course(used, limit, len(known))
    if said is not None or used is None or limit is None:
        return said or Forecast("unknown", "")
    expected = _monthly(known, used, now) if resource.is_monthly else _standing(known, used, now)
    return _when(resource, expected, limit, now, len(known))


def _without_course(used: float | None, limit: float | None, days: int) -> Forecast | None:
    if limit is None:
        return Forecast("unlimited", "There is no limit that could be reached.", days)
    if used is None:
        return Forecast("unknown", "How much is used is not known, so nothing can be forecast.", days)
    if used >= limit and (used or limit):
        return Forecast("reached", "The quota is reached already.", days)
    if days < FEWEST_DAYS:
        return Forecast("unknown", f"Only {days} whole days are known; a forecast takes {FEWEST_DAYS} at least.", days)
    return None


def _standing(known: pd.DataFrame, used: float, now: datetime) -> pd.DataFrame:
    """The slope goes on from the use now; off by what the slope is uncertain, and by as much as days lie off the line."""
    recent = known.tail(LEVEL_DAYS)
    x = ((recent["day"] - recent["day"].iloc[0]).dt.total_seconds() / 86_400).to_numpy(dtype="float64")
    y = recent["amount"].to_numpy(dtype="float64")
    found, ahead = line(x, y), np.arange(1, HORIZON + 1, dtype="float64")
    scatter = Z * robust_spread(y - found.slope * x)
    expected = used + found.slope * ahead
    low = expected - np.hypot((found.slope - found.low) * ahead, scatter)
    high = expected + np.hypot((found.high - found.slope) * ahead, scatter)
    return _course(now, expected, np.maximum(low, 0), high)


def _monthly(known: pd.DataFrame, used: float, now: datetime) -> pd.DataFrame:
    """The sum of days, each off by `spread` by itself, and all together by as much as the usual day is uncertain."""
    recent = known.tail(RATE_DAYS)
    amounts = recent["amount"].to_numpy(dtype="float64")
    weekday = recent["day"].dt.day_of_week.to_numpy()
    usual = _usual(amounts, weekday)
    spread = robust_spread(amounts - usual[weekday])
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    end = month_of(month_of(now) + timedelta(days=32))
    left = 1 - (now - today) / timedelta(days=1)
    parts = np.array([left] + [1.0] * ((end - today).days - 1))
    coming = np.array([(today.weekday() + place) % 7 for place in range(len(parts))])
    expected = used + np.cumsum(usual[coming] * parts)
    length = np.cumsum(parts)
    off = Z * spread * np.sqrt(length + length**2 / len(amounts))
    return _course(today - timedelta(days=1), expected, np.maximum(expected - off, used), expected + off)


def _usual(amounts: Floats, weekday: Floats) -> Floats:
    """Per day of the week, Monday first: its median, or that of all days while there are less than three of each."""
    if len(amounts) < SEASONAL_DAYS or len(set(weekday)) < 7:
        return np.full(7, float(np.median(amounts)))
    return np.array([float(np.median(amounts[weekday == place])) for place in range(7)])


def _course(now: datetime, expected: Floats, low: Floats, high: Floats) -> pd.DataFrame:
    first = pd.Timestamp(now).normalize() + pd.Timedelta(days=1)
    return pd.DataFrame(
        {"day": pd.date_range(first, periods=len(expected)), "expected": expected, "low": low, "high": high}
    )


def _when(resource: Resource, course: pd.DataFrame, limit: float, now: datetime, days: int) -> Forecast:
    on, earliest, latest = (_first(course, name, limit) for name in ("expected", "high", "low"))
    shown_to = _cut(course, resource, latest or on)
    found: dict[str, Any] = {"days": days, "on": on, "earliest": earliest, "latest": latest, "course": shown_to}
    if on is not None:
        within = (
            f"between {_day(earliest)} and {_day(latest)}" if latest else f"from {_day(earliest)} on, or not at all"
        )
        return Forecast("on", f"Expected to be reached on {_day(on)}: {within}, four times out of five.", **found)
    if resource.is_monthly:
        ends = resets_at(resource, now)
        maybe = (
            f" It may be reached from {_day(earliest)} on, if use is as high as it was at times." if earliest else ""
        )
        until = f"{ends:%d %b %Y}" if ends else ""
        at = shown(resource, round(float(course["expected"].iloc[-1]), 2))
        sentence = f"Not before it begins anew on {until}: some {at} are expected by then.{maybe}"
        return Forecast("not_before_reset", sentence, **found)
    if course["expected"].iloc[-1] <= course["expected"].iloc[0]:
        return Forecast("not_growing", "Use does not grow, so the quota is not reached.", **found)
    return Forecast("later", "Not within a year, at the pace of the last weeks.", **found)


def _within(on: date, earliest: date | None, latest: date | None) -> str:
    if earliest == on == latest:
        return ""
    span = f"between {_day(earliest)} and {_day(latest)}" if latest else f"from {_day(earliest)} on, or not at all"
    return f"; four times out of five {span}"


def _first(course: pd.DataFrame, column: str, limit: float) -> date | None:
    beyond = course.loc[course[column] >= limit, "day"]
    return None if beyond.empty else beyond.iloc[0].date()


def _cut(course: pd.DataFrame, resource: Resource, until: date | None) -> pd.DataFrame:
    """Of a year, what is worth drawing: a little beyond the day, or some weeks."""
    if resource.is_monthly:
        return course
    last = (pd.Timestamp(until, tz="UTC") - course["day"].iloc[0]).days + 8 if until else 30
    return course.head(min(max(last, 30), 120))


def _day(day: date | None) -> str:
    return f"{day:%d %b %Y}" if day else "never"

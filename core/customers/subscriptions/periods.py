"""Periods of a subscription, counted from an anchor day. Pure.

Counting from the anchor and not from period to period is what keeps month ends: 31 January, 28 February, 31 March.
"""

from calendar import monthrange
from datetime import date
from typing import NamedTuple

MONTHS = {"monthly": 1, "yearly": 12}


class Period(NamedTuple):
    """From `start` until the day before `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last one where it has no such day (as PostgreSQL's interval does)."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def months_between(anchor: date, day: date) -> int:
    """Whole months from the anchor's month to the day's month."""
    return (day.year - anchor.year) * 12 + day.month - anchor.month


def first(anchor: date, interval: str) -> Period:
    """The period that begins on the anchor day."""
    return Period(anchor, add_months(anchor, MONTHS[interval]))


def following(anchor: date, start: date, interval: str) -> Period:
    """The period that begins on `start`, the end of one that was counted from the anchor."""
    return Period(start, add_months(anchor, months_between(anchor, start) + MONTHS[interval]))

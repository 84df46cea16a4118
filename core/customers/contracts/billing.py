"""What a contract costs for which days, and in which periods it is invoiced. Pure; Decimal only.

A month of the contract (counted from its first day) is a twelfth of the annual value, a part of one by its days.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from core.customers.subscriptions.periods import Period, add_months, months_between
from core.customers.subscriptions.pricing import MONTHS_A_YEAR, to_cents

MONTHS = {"monthly": 1, "quarterly": 3, "annual": 12}
TERMS = {"net_15": 15, "net_30": 30, "net_60": 60, "net_90": 90}


class Part(NamedTuple):
    """Terms from `start` until the day before `end`."""

    start: date
    end: date
    annual_value: Decimal
    billing_cycle: str
    payment_terms: str


class Course(NamedTuple):
    """A contract's terms over time, without a gap from its first day; `parts` may be empty for one that never ran."""

    starts_on: date
    parts: Sequence[Part]

    @property
    def end(self) -> date:
        return self.parts[-1].end if self.parts else self.starts_on

    def at(self, day: date) -> Part:
        """The terms on that day, or the last ones."""
        return next((part for part in self.parts if part.start <= day < part.end), self.parts[-1])


def course(starts_on: date, last_day: date, versions: Sequence[Part]) -> Course:
    """`versions` in their order, each from its `start`; their ends are set here. One that another replaced is left out."""
    end = last_day + timedelta(days=1)
    starts = [*(one.start for one in versions), end]
    ends = [min(following, end) for following in starts[1:]]
    cut = [one._replace(end=until) for one, until in zip(versions, ends, strict=True)]
    return Course(starts_on, [one for one in cut if one.start < one.end])


def period_at(given: Course, start: date) -> Period | None:
    """The period to invoice that begins on `start`; None when the contract is over by then."""
    if start >= given.end:
        return None
    months = months_between(given.starts_on, start) + MONTHS[given.at(start).billing_cycle]
    return Period(start, min(add_months(given.starts_on, months), given.end))


def periods(given: Course, start: date) -> Iterator[Period]:
    """The periods from `start` to the contract's end."""
    while following := period_at(given, start):
        yield following
        start = following.end


def fee(given: Course, period: Period) -> Decimal:
    """What the contract costs in these days, rounded once; days after its end cost nothing."""
    months = list(_months(given.starts_on, period))
    whole = sum((_share(part, month) for part in given.parts for month in months), Decimal(0))
    return to_cents(whole)


def _share(part: Part, month: tuple[Period, Period]) -> Decimal:
    """`month`: the days that count, and the whole month of the contract that they are of."""
    counted, whole = month
    days = (min(part.end, counted.end) - max(part.start, counted.start)).days
    return part.annual_value * max(days, 0) / (MONTHS_A_YEAR * whole.days)


def _months(anchor: date, period: Period) -> Iterator[tuple[Period, Period]]:
    """The months of the contract that the period touches."""
    first = months_between(anchor, period.start) - 1
    last = months_between(anchor, period.end) + 1
    bounds = [add_months(anchor, number) for number in range(first, last + 1)]
    for start, end in pairwise(bounds):
        counted = Period(max(start, period.start), min(end, period.end))
        if counted.start < counted.end:
            yield counted, Period(start, end)


class Charged(NamedTuple):
    """A period that was invoiced, and what it was charged with so far; what a void invoice charged is not in it."""

    period: Period
    amount: Decimal


def adjustments(given: Course, charged: Sequence[Charged]) -> list[Charged]:
    """What each invoiced period costs more (or less) by today's terms than it was charged with."""
    differences = (Charged(one.period, fee(given, one.period) - one.amount) for one in charged)
    return [one for one in differences if one.amount]


def taken(room: Decimal, less: Sequence[Charged]) -> list[Charged]:
    """Of reductions as much as there is room for: an invoice is not less than nothing, the rest waits for the next one."""
    found = []
    for one in less:
        amount = min(room, -one.amount)
        if amount > 0:
            found.append(Charged(one.period, -amount))
            room -= amount
    return found

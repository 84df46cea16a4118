"""What a month comes to by a contract's tiers. Pure: exact fractions inside, Decimal to the cent outside.

After issue 7 and ADR-020 ("Enterprise SLA Requirements"): the uptime of the month decides, each version of the terms for
its own days. Nothing is rounded before the end.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.kernel.errors import Invalid

MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Tier:
    """A month whose uptime is under `below` is credited `percent` of its fee."""

    below: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """The days of a month on which one version of the terms was in force; `end_day` is the first one after them."""

    version: int
    first_day: date
    end_day: date
    annual_value: Decimal
    tiers: tuple[Tier, ...]
    cap_percent: Decimal

    @property
    def days(self) -> int:
        return (self.end_day - self.first_day).days


@dataclass(frozen=True, slots=True)
class Minutes:
    """A contract's minutes of a month. `bad` are among the `observed` ones; the other three are apart."""

    observed: int
    bad: int
    maintenance: int
    excluded: int
    unobserved: int

    @property
    def total(self) -> int:
        return self.observed + self.maintenance + self.excluded + self.unobserved

    @property
    def uptime(self) -> Fraction | None:
        """In percent; None when nothing was observed."""
        return Fraction(100 * (self.observed - self.bad), self.observed) if self.observed else None


@dataclass(frozen=True, slots=True)
class PartCredit:
    """What one part comes to, exactly. `tier` is None when none was reached."""

    part: Part
    fee: Fraction
    tier: Tier | None

    @property
    def cap(self) -> Fraction:
        return self.fee * Fraction(self.part.cap_percent) / 100

    @property
    def uncapped(self) -> Fraction:
        return self.fee * Fraction(self.tier.percent) / 100 if self.tier else Fraction(0)

    @property
    def amount(self) -> Fraction:
        return min(self.uncapped, self.cap)


@dataclass(frozen=True, slots=True)
class MonthCredit:
    """What a month comes to: exact parts, and sums that were rounded once, half a cent upwards."""

    month: date
    currency: str
    minutes: Minutes
    parts: tuple[PartCredit, ...]

    @property
    def fee(self) -> Decimal:
        return to_cent(sum((one.fee for one in self.parts), Fraction(0)))

    @property
    def cap_amount(self) -> Decimal:
        return to_cent(sum((one.cap for one in self.parts), Fraction(0)))

    @property
    def amount(self) -> Decimal:
        return to_cent(sum((one.amount for one in self.parts), Fraction(0)))

    @property
    def percent(self) -> Decimal:
        """The tier's; where versions of the month have different ones, what they come to of the whole fee, before caps."""
        found = {one.tier.percent if one.tier else Decimal(0) for one in self.parts}
        if len(found) == 1:
            return found.pop()
        fee = sum((one.fee for one in self.parts), Fraction(0))
        share = sum((one.uncapped for one in self.parts), Fraction(0)) / fee if fee else Fraction(0)
        return _rounded(share * 100, 4)


def days_of(month: date) -> int:
    """How many days the month has that begins on this day."""
    return (next_month(month) - month).days


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def previous_month(day: date) -> date:
    """The first day of the month before the day's."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def require_month(month: date) -> None:
    """Raises Invalid for a day that is not the first one."""
    if month.day != 1:
        raise Invalid("A month is named by its first day, such as 2026-10-01.", {"month": "The first of a month."})


def tiers_of(stored: Iterable[Mapping[str, Any]]) -> tuple[Tier, ...]:
    """The tiers as a contract's version holds them."""
    return tuple(Tier(Decimal(str(one["below"])), Decimal(str(one["percent"]))) for one in stored)


def fee_of(annual_value: Decimal, days: int, month_days: int) -> Fraction:
    """A twelfth of what twelve months cost, by days of the month."""
    return Fraction(annual_value) / MONTHS_OF_A_YEAR * Fraction(days, month_days)


def reached(tiers: Sequence[Tier], uptime: Fraction | None) -> Tier | None:
    """The lowest tier that the uptime, compared as it is, fell below. None for none, or when nothing was observed."""
    below = [one for one in tiers if uptime is not None and uptime < Fraction(one.below)]
    return min(below, key=lambda one: one.below) if below else None


def judge(month: date, currency: str, parts: Sequence[Part], minutes: Minutes) -> MonthCredit:
    """What the month comes to. `parts` are its versions in their order."""
    days = days_of(month)
    uptime = minutes.uptime
    judged = (
        PartCredit(one, fee_of(one.annual_value, one.days, days), reached(one.tiers, uptime))
        for one in sorted(parts, key=lambda one: one.first_day)
    )
    return MonthCredit(month, currency, minutes, tuple(judged))


def still_owed(target: Decimal, decided: Decimal, credited: Decimal) -> Decimal:
    """What a recomputation adds to what was decided already: nothing, more, or less than nothing.

    `decided` is the sum of what was approved, issued or voided, `credited` without what was voided. What was voided is not
    credited after all, and the sum of all credits never leaves the range between `credited` and `target`.
    """
    least, most = sorted((Decimal("0.00"), target - credited))
    return min(max(target - decided, least), most)


def to_cent(amount: Fraction) -> Decimal:
    """Half a cent goes upwards, away from zero."""
    return _rounded(amount, 2)


def _rounded(value: Fraction, digits: int) -> Decimal:
    """Exactly, half away from zero: a Decimal of the quotient might already have been rounded the other way."""
    scaled = abs(value) * 10**digits
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    whole += 2 * rest >= scaled.denominator
    return Decimal(whole if value >= 0 else -whole).scaleb(-digits)


def rounded_down(value: Fraction, digits: int = 6) -> Decimal:
    """For an uptime that is shown: under a tier it must not look as if it were not."""
    return Decimal(value.numerator * 10**digits // value.denominator).scaleb(-digits)

"""What a change costs today: the unused days of what was paid against what the new terms cost. Pure; Decimal only.

A day is the unit, as periods are whole UTC days; the day of the change belongs to the new terms.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.customers.subscriptions import periods
from core.customers.subscriptions.periods import Period
from core.customers.subscriptions.pricing import Terms, to_cents

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice; a negative amount is a credit."""

    description: str
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """What a change does to period and money. `charge` is for the new terms, `unused` what is given back of the old.

    `net` = charge - unused. What is due is `due`; where more is given back than charged, `credit_after` keeps it for the
    next invoice: credit_before - credit_after + due = net, always. `restarts` says that `period` is a new one, counted from
    `anchor_on` if that is given.
    """

    before: Terms
    after: Terms
    period: Period
    charge: Decimal
    unused: Decimal
    credit_before: Decimal
    restarts: bool
    anchor_on: date | None = None

    @property
    def net(self) -> Decimal:
        return self.charge - self.unused

    @property
    def due(self) -> Decimal:
        return max(self.net - self.credit_before, ZERO)

    @property
    def credit_after(self) -> Decimal:
        return max(self.credit_before - self.net, ZERO)

    @property
    def lines(self) -> list[Line]:
        """The lines of an invoice of `due`; without a credit that is of no amount."""
        last = self.period.end - timedelta(days=1)
        share = f", {self.period.start} to {last}"
        found = [(describe(self.after) + share, self.charge), (f"Unused: {describe(self.before)}", -self.unused)]
        found.append(("Credit", self.due - self.net))
        return [Line(text, Decimal(1), amount, amount) for text, amount in found if amount]


def describe(terms: Terms) -> str:
    """The terms as a line of an invoice says them."""
    extra = f", {terms.extra_seats} more seats" if terms.extra_seats else ""
    discount = f", less {terms.discount:.2%}" if terms.discount else ""
    return f"{terms.plan_key.capitalize()}, {terms.interval}{extra}{discount}"


def share_left(amount: Decimal, period: Period, today: date) -> Decimal:
    """What is unused of an amount that was paid for the period, to the cent."""
    left = min(max((period.end - today).days, 0), period.days)
    return to_cents(amount * left / period.days)


def change(
    before: Terms, after: Terms, *, period: Period, paid: Decimal, today: date, credit: Decimal, is_trial: bool = False
) -> Change:  # fmt: skip
    """The change from `before` to `after` today; `paid` is what a whole period comes to at the price that was charged.

    A new interval begins a new period today, and so does the first that is paid for; otherwise the period stays, and only the
    days that are left of it are charged.
    """
    restarts = is_trial or before.interval != after.interval or (paid == 0 and after.amount > 0)
    kept = periods.first(today, after.interval) if restarts else Period(max(today, period.start), period.end)
    charge = after.amount if restarts else share_left(after.amount, period, today)
    unused = ZERO if is_trial else share_left(paid, period, today)
    return Change(before, after, kept, charge, unused, credit, restarts, today if restarts else None)

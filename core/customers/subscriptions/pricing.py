"""What a subscription costs for a period, and its monthly recurring revenue (MRR). Pure; Decimal only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from core.customers.subscriptions.models import RUNNING

CENT = Decimal("0.01")
MONTHS_A_YEAR = 12


def to_cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, half a cent upwards."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed: prices are for one period of the interval, `discount` is a share from 0 to 1."""

    plan_key: str
    interval: str
    seats: int
    seats_included: int
    unit_price: Decimal
    seat_price: Decimal
    discount: Decimal
    currency: str

    @property
    def extra_seats(self) -> int:
        return max(self.seats - self.seats_included, 0)

    @property
    def full_price(self) -> Decimal:
        """A period before the discount."""
        return self.unit_price + self.extra_seats * self.seat_price

    @property
    def amount(self) -> Decimal:
        """A period, to the cent."""
        return to_cents(self.full_price * (1 - self.discount))

    @property
    def monthly_amount(self) -> Decimal:
        """A month of it; a year counts a twelfth."""
        return self.amount if self.interval == "monthly" else to_cents(self.amount / MONTHS_A_YEAR)


def terms_of(subscription: Any) -> Terms:
    """The terms of a subscription (or of anything with its columns)."""
    return Terms(*(getattr(subscription, name) for name in Terms.__dataclass_fields__))


def terms_on(plan: Any, *, interval: str, seats: int, discount: Decimal = Decimal(0)) -> Terms:
    """What the plan costs now."""
    yearly = interval == "yearly"
    return Terms(
        plan.key, interval, seats, plan.seats, plan.price_yearly if yearly else plan.price_monthly,
        plan.seat_price_yearly if yearly else plan.seat_price_monthly, discount, plan.currency,
    )  # fmt: skip


def with_seats(terms: Terms, seats: int) -> Terms:
    return replace(terms, seats=seats)


def seats_on(plan_seats: int, *, seats: int, seats_included: int) -> int:
    """How many seats a tenant has on another plan: those included, or those it bought beyond if these are more."""
    return max(plan_seats, seats) if seats > seats_included else plan_seats


def mrr_of(status: str, terms: Terms) -> Decimal:
    """The MRR of a subscription in this status: a trial and a cancelled one count nothing."""
    return terms.monthly_amount if status in RUNNING else Decimal("0.00")


def apply(terms: Terms, subscription: Any) -> None:
    """Writes the terms into a subscription."""
    for name in Terms.__dataclass_fields__:
        setattr(subscription, name, getattr(terms, name))


def as_terms(row: Mapping[str, Any]) -> Terms:
    """The terms in a row of a query."""
    return Terms(*(row[name] for name in Terms.__dataclass_fields__))

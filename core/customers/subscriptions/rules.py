"""What a subscription may become. Pure."""

from datetime import date
from decimal import Decimal
from typing import Any

from core.customers.subscriptions import periods, proration
from core.customers.subscriptions.models import INTERVALS
from core.customers.subscriptions.periods import Period
from core.customers.subscriptions.pricing import Terms, seats_on, terms_of, terms_on, with_seats
from core.customers.tenants.rules import MAX_SEATS
from core.kernel.errors import Invalid

WHENS = ("now", "period_end")

# Which acts a subscription of which status bears; everything else is refused.
ALLOWED = {
    "change": frozenset({"trialing", "active", "past_due"}),
    "discount": frozenset({"trialing", "active", "past_due"}),
    "extend": frozenset({"trialing"}),
    "convert": frozenset({"trialing"}),
    "cancel": frozenset({"trialing", "active", "past_due"}),
    "start": frozenset({"cancelled"}),
}
_SENTENCES = {
    "change": "This subscription is {status}. Start it again before you change it.",
    "discount": "This subscription is {status}. Start it again before you change it.",
    "extend": "This subscription is {status}; only a trial can be extended.",
    "convert": "This subscription is {status}; only a trial can be converted.",
    "cancel": "This subscription is {status} already.",
    "start": "This tenant has a subscription already ({status}). Change its plan instead.",
}


def require(act: str, status: str) -> None:
    """That a subscription of this status bears the act. Raises Invalid."""
    if status not in ALLOWED[act]:
        raise Invalid(_SENTENCES[act].format(status=status.replace("_", " ")))


def one_of(field: str, value: str, allowed: tuple[str, ...]) -> str:
    """The value. Raises Invalid when it is none of these."""
    if value not in allowed:
        sentence = f"Choose one of {', '.join(allowed)} as {field.replace('_', ' ')}."
        raise Invalid(sentence, {field: sentence})
    return value


def clean_seats(seats: int) -> int:
    """Raises Invalid."""
    if isinstance(seats, bool) or not 1 <= seats <= MAX_SEATS:
        sentence = f"Seats are a whole number from 1 to {MAX_SEATS:,}."
        raise Invalid(sentence, {"seats": sentence})
    return seats


def clean_discount(discount: Decimal) -> Decimal:
    """A share from 0 to 1, of at most four digits. Raises Invalid."""
    if not discount.is_finite() or not 0 <= discount <= 1 or discount != round(discount, 4):
        sentence = "A discount is from 0 to 100 %, in steps of 0.01 %."
        raise Invalid(sentence, {"discount": sentence})
    return discount


def wanted(subscription: Any, plan: Any, *, interval: str | None = None, seats: int | None = None) -> Terms:
    """The terms after a change: another plan or interval is at today's prices, more or fewer seats at those agreed.

    Without `seats` another plan comes with its own, or with those bought beyond the old one's if they are more. Raises Invalid.
    """
    if plan.currency != subscription.currency:
        raise Invalid(f"{plan.name} is sold in {plan.currency}, and this subscription is in {subscription.currency}.")
    chosen = one_of("interval", interval or subscription.interval, INTERVALS)
    known = seats_on(plan.seats, seats=subscription.seats, seats_included=subscription.seats_included)
    is_same = (plan.key, chosen) == (subscription.plan_key, subscription.interval)
    count = clean_seats(seats) if seats is not None else subscription.seats if is_same else known
    if is_same:
        return with_seats(terms_of(subscription), count)
    return terms_on(plan, interval=chosen, seats=count, discount=subscription.discount)


def change_today(subscription: Any, after: Terms, today: date) -> proration.Change:
    """What the change to these terms does today; a trial goes on, and costs nothing."""
    before, period = terms_of(subscription), Period(subscription.period_start, subscription.period_end)
    if subscription.status == "trialing":
        return proration.Change(before, after, period, proration.ZERO, proration.ZERO, subscription.credit, False)
    return proration.change(
        before, after, period=period, paid=subscription.period_amount, today=today, credit=subscription.credit
    )


def conversion(subscription: Any, after: Terms, today: date) -> proration.Change:
    """What the end of a trial today does: the first period that is paid for begins."""
    period = Period(subscription.period_start, subscription.period_end)
    return proration.change(
        terms_of(subscription), after, period=period, paid=proration.ZERO, today=today, credit=subscription.credit,
        is_trial=True,
    )  # fmt: skip


def renewal(subscription: Any, after: Terms) -> proration.Change:
    """What the next period costs: it begins where the last one ended, and counts anew with another interval or after a trial."""
    restarts = subscription.status == "trialing" or after.interval != subscription.interval
    start = subscription.period_end
    anchor = start if restarts else subscription.anchor_on
    following = periods.following(anchor, start, after.interval)
    return proration.Change(
        terms_of(subscription), after, following, after.amount, proration.ZERO, subscription.credit, True,
        start if restarts else None,
    )  # fmt: skip

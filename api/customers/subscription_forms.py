"""What the API of subscriptions takes and answers."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.conventions import Money, Out, Strict
from core.customers.subscriptions import many
from core.customers.tenants.rules import MAX_SEATS

Plan = Literal["free", "basic", "pro", "enterprise"]
Status = Literal["trialing", "active", "past_due", "cancelled"]
Interval = Literal["monthly", "yearly"]
When = Literal["now", "period_end"]
Seats = Annotated[int, Field(strict=True, ge=1, le=MAX_SEATS)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
Expected = Annotated[Decimal, Field(description="`net` of the preview; another sum is a conflict.", decimal_places=2)]


class SubscriptionOut(Out):
    """A subscription. A period ends the day before `period_end`; prices are for one period; `discount` is from 0 to 1."""

    id: UUID
    tenant_id: UUID
    plan_key: Plan
    status: Status
    interval: Interval
    seats: int
    seats_included: int
    unit_price: Money
    seat_price: Money
    discount: Money
    credit: Money
    period_amount: Money
    currency: str
    started_at: datetime
    trial_ends_on: date | None
    anchor_on: date
    period_start: date
    period_end: date
    next_plan_key: Plan | None
    next_interval: Interval | None
    next_seats: int | None
    cancels_at_period_end: bool
    cancelled_at: datetime | None
    cancel_cause: str | None
    cancel_reason: str | None
    version: int


class SubscriptionRow(SubscriptionOut):
    tenant: str


class SubscriptionPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[SubscriptionRow]
    next: str | None


class LedgerRow(Out):
    """One change of the tenant's monthly recurring revenue (MRR)."""

    at: datetime
    kind: Literal["new", "expansion", "contraction", "churn", "reactivation"]
    amount: Money
    mrr_after: Money
    currency: str
    plan_before: Plan | None
    plan_after: Plan
    cause: str
    sequence: int


class Ledger(Out):
    items: list[LedgerRow]
    next: None


class LineOut(Out):
    description: str
    amount: Money


class PreviewOut(Out):
    """`net` = `charge` - `unused`; of that `due` is invoiced, and `credit_after` is kept for the next invoice."""

    on: date
    charge: Money
    unused: Money
    net: Money
    due: Money
    credit_after: Money
    mrr_before: Money
    mrr_after: Money
    currency: str
    lines: list[LineOut]
    version: int


class Start(Strict):
    plan_key: Plan
    interval: Interval = "monthly"
    seats: Seats | None = None
    trial_ends_on: date | None = None


class Change(Strict):
    """What is left out stays. Now, or at the end of the period."""

    plan_key: Plan | None = None
    interval: Interval | None = None
    seats: Seats | None = None
    when: When = "now"


class ConfirmedChange(Change):
    expected_net: Expected | None = None


class Conversion(Strict):
    plan_key: Plan | None = None
    interval: Interval | None = None
    when: When = "now"
    expected_net: Expected | None = None


class Discount(Strict):
    discount: Annotated[Decimal, Field(ge=0, le=1, decimal_places=4, examples=["0.15"])]
    reason: Reason


class Extension(Strict):
    trial_ends_on: date
    reason: Reason


class Cancellation(Strict):
    reason: Reason
    when: When = "period_end"


class Many(Strict):
    """At most 500 tenants, each on its own."""

    tenant_ids: Annotated[list[UUID], Field(min_length=1, max_length=many.MOST)]
    plan_key: Plan
    when: When = "now"


class OutcomeOut(Out):
    """`problem` is null when it was done."""

    tenant_id: UUID
    problem: str | None


class Outcomes(Out):
    items: list[OutcomeOut]
    next: None

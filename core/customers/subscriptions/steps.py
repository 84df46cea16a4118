"""Private steps for the life of a tenant: its subscription begins with it, ends with it, and comes back with it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from core.customers.plans.models import Plan
from core.customers.subscriptions import changing, ledger, periods
from core.customers.subscriptions.models import INTERVALS, Subscription
from core.customers.subscriptions.periods import Period
from core.customers.subscriptions.pricing import Terms, terms_on
from core.customers.subscriptions.proration import ZERO, Change
from core.customers.subscriptions.rules import one_of
from core.customers.tenants.models import Tenant
from core.customers.tenants.rules import require_future
from core.kernel.models import uuid7
from core.kernel.writes import Transaction

TENANT_DELETED = "tenant_deleted"


def begin(
    tx: Transaction, tenant: Tenant, plan_key: str, interval: str = "monthly", trial_ends_on: date | None = None,
    *, seats: int | None = None,
) -> Subscription:  # fmt: skip
    """The subscription of a tenant that has none: on trial when its last day is given, else paid for from today.

    Seats are the tenant's, if it has none the plan's. Writes plan, trial and status into the tenant. Raises Invalid.
    """
    require_future(trial_ends_on, tx.now.date())
    plan = tx.get(Plan, plan_key)
    terms = terms_on(plan, interval=one_of("interval", interval, INTERVALS), seats=seats or tenant.seats or plan.seats)
    subscription = tx.add(Subscription(id=uuid7(), tenant_id=tenant.id, started_at=tx.now, **_blank(terms)))
    _begin(tx, tenant, subscription, terms, trial_ends_on)
    return subscription


def begin_again(
    tx: Transaction, tenant: Tenant, subscription: Subscription, terms: Terms, trial_ends_on: date | None
) -> None:
    """A cancelled subscription starts on new terms. Raises Invalid."""
    require_future(trial_ends_on, tx.now.date())
    subscription.cancelled_at = subscription.cancel_cause = subscription.cancel_reason = None
    subscription.started_at = tx.now
    _begin(tx, tenant, subscription, terms, trial_ends_on)


def _blank(terms: Terms) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in Terms.__dataclass_fields__} | {"credit": ZERO}


def _begin(
    tx: Transaction, tenant: Tenant, subscription: Subscription, terms: Terms, trial_ends_on: date | None
) -> None:
    today = tx.now.date()
    period = Period(today, trial_ends_on + timedelta(days=1)) if trial_ends_on else periods.first(today, terms.interval)
    charge = ZERO if trial_ends_on else terms.amount
    opening = Change(terms, terms, period, charge, ZERO, subscription.credit, restarts=True, anchor_on=today)
    drafted = changing.activate(subscription, opening, today)
    if trial_ends_on:
        subscription.status, subscription.trial_ends_on, subscription.period_amount = "trialing", trial_ends_on, ZERO
    changing.copy(subscription, tenant)
    changing.bill(tx, drafted)
    ledger.book(tx, subscription, "Started")


def end(tx: Transaction, tenant_id: UUID, cause: str) -> None:
    """Cancels a running subscription at once, because its tenant is deleted; nothing without one."""
    for subscription in changing.of_tenants(tx, [tenant_id]):
        if subscription.status != "cancelled":
            changing.finish(tx, subscription, cause=TENANT_DELETED, reason=cause)
            ledger.book(tx, subscription, "Tenant deleted")


def resume(tx: Transaction, tenant_id: UUID) -> None:
    """Brings back what `end` cancelled; a subscription that was cancelled on request stays so.

    The period that was paid goes on; if it is over, a new one begins today.
    """
    for subscription in changing.of_tenants(tx, [tenant_id]):
        if subscription.cancel_cause == TENANT_DELETED:
            drafted = changing.revive(subscription, tx.now.date())
            changing.bill(tx, drafted)
            ledger.book(tx, subscription, "Tenant restored")


def status_after(tx: Transaction, tenant_id: UUID) -> str:
    """What the status of the tenant is while it is in service: `trial` or `active`."""
    is_trial = any(one.status == "trialing" for one in changing.of_tenants(tx, [tenant_id]))
    return "trial" if is_trial else "active"

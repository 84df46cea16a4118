"""Private steps that change a locked subscription: terms, period, money, and what the tenant's row keeps of it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from core.customers.invoices import steps as invoices
from core.customers.plans.models import Plan
from core.customers.subscriptions import rules
from core.customers.subscriptions.models import Subscription
from core.customers.subscriptions.pricing import apply, terms_of
from core.customers.subscriptions.proration import Change
from core.customers.tenants.models import Tenant
from core.customers.tenants.rules import require_editable
from core.kernel.errors import Conflict, NotFound
from core.kernel.writes import Transaction, conflict

NO_SUBSCRIPTION = "This tenant has no subscription. Start one first."
IN_SERVICE = ("active", "trial")  # what a tenant's status follows the subscription in


def lock(
    tx: Transaction, tenant_id: UUID, version: int | None = None, *, tenant_version: int | None = None
) -> tuple[Tenant, Subscription]:
    """The tenant and its subscription, locked in this order by everybody. Raises NotFound, Invalid, Conflict."""
    tenant = tx.lock(Tenant, tenant_id, version=tenant_version)
    require_editable(tenant.status)
    subscription = next(iter(of_tenants(tx, [tenant_id])), None)
    if subscription is None:
        raise NotFound(NO_SUBSCRIPTION)
    if version is not None and subscription.version != version:
        raise conflict(Subscription, subscription.id, since=version, current=subscription.version)
    return tenant, subscription


def of_tenants(tx: Transaction, tenant_ids: Sequence[UUID]) -> list[Subscription]:
    """The subscriptions of these tenants, locked in the order of their keys."""
    found = (
        select(Subscription).where(Subscription.tenant_id.in_(tenant_ids)).order_by(Subscription.id).with_for_update()
    )
    return list(tx.session.scalars(found.execution_options(populate_existing=True)))


def plans(tx: Transaction) -> dict[str, Plan]:
    """Every plan by its key; there are four."""
    return {plan.key: plan for plan in tx.session.scalars(select(Plan))}


def make(subscription: Subscription, change: Change, today: date, *, source: str = "change") -> invoices.Drafted | None:
    """Writes terms, period and credit; the invoice of what is due, if anything is, is for the caller to store."""
    apply(change.after, subscription)
    if change.restarts:
        subscription.period_start, subscription.period_end = change.period
        subscription.anchor_on = change.anchor_on or subscription.anchor_on
    subscription.credit, subscription.period_amount = change.credit_after, change.after.amount
    if not change.due:
        return None
    return invoices.draft(
        tenant_id=subscription.tenant_id, subscription_id=subscription.id, source=source, currency=subscription.currency,
        issued_on=today, lines=[asdict(line) for line in change.lines], period=(change.period.start, change.period.end),
    )  # fmt: skip


def bill(tx: Transaction, drafted: invoices.Drafted | None) -> None:
    """Issues the invoice, if there is one."""
    if drafted:
        tx.session.flush()
        invoices.store(tx, [drafted])
        tx.note(invoice=drafted.invoice.number, due=drafted.invoice.total)


def require_expected(change: Change, expected_net: Decimal | None) -> None:
    """That the sum is still the one that was shown before the change was confirmed. Raises Conflict."""
    if expected_net is not None and expected_net != change.net:
        raise Conflict(f"This change now comes to {change.net} and not to {expected_net}. Look at the preview again.")


def switch(subscription: Subscription, change: Change, today: date) -> invoices.Drafted | None:
    """A change of terms now; on trial the terms alone change."""
    drop_scheduled(subscription)
    if subscription.status == "trialing":
        apply(change.after, subscription)
        return None
    return make(subscription, change, today)


def activate(subscription: Subscription, change: Change, today: date) -> invoices.Drafted | None:
    """The end of a trial, or a new beginning: what is paid for begins."""
    subscription.status, subscription.trial_ends_on = "active", None
    drop_scheduled(subscription)
    return make(subscription, change, today)


def drop_scheduled(subscription: Subscription) -> None:
    subscription.next_plan_key = subscription.next_interval = subscription.next_seats = None
    if subscription.cancels_at_period_end:
        subscription.cancels_at_period_end, subscription.cancel_reason = False, None


def schedule(subscription: Subscription, plan: Plan, *, interval: str | None, seats: int | None) -> None:
    """Keeps the change for the end of the period; it replaces what was scheduled before. Raises Invalid."""
    after = rules.wanted(subscription, plan, interval=interval, seats=seats)
    drop_scheduled(subscription)
    subscription.next_plan_key, subscription.next_interval = after.plan_key, after.interval
    subscription.next_seats = after.seats


def finish(tx: Transaction, subscription: Subscription, *, cause: str, reason: str) -> None:
    """Cancels at once. What was paid for the period is not given back."""
    drop_scheduled(subscription)
    subscription.status, subscription.cancelled_at = "cancelled", tx.now
    subscription.cancel_cause, subscription.cancel_reason = cause, reason


def revive(subscription: Subscription, today: date) -> invoices.Drafted | None:
    """Undoes a cancellation: the trial or the period that was paid goes on, or a new period begins today."""
    subscription.cancelled_at = subscription.cancel_cause = subscription.cancel_reason = None
    is_trial = subscription.trial_ends_on is not None and subscription.trial_ends_on >= today
    subscription.status = "trialing" if is_trial else "active"
    if is_trial or today < subscription.period_end:
        return None
    subscription.trial_ends_on = None
    return make(subscription, rules.conversion(subscription, terms_of(subscription), today), today)


def copy(subscription: Subscription, tenant: Tenant) -> None:
    """Writes plan, seats and trial into the tenant's row, and its status where that follows the subscription."""
    tenant.tier, tenant.seats = subscription.plan_key, subscription.seats
    is_trial = subscription.status == "trialing"
    tenant.trial_ends_on = subscription.trial_ends_on if is_trial else None
    if tenant.status in IN_SERVICE:
        tenant.status = "trial" if is_trial else "active"

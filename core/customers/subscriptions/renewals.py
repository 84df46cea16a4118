"""What a day brings: trials end, scheduled changes are made, periods are renewed. Many at once, in a few statements.

Doing it again does nothing: what is done is no longer due. Tenants with a contract in force are invoiced by it, and not here.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import exists, select

from core.customers.contracts import sources as contracts
from core.customers.invoices import steps as invoices
from core.customers.invoices.models import Invoice
from core.customers.plans.models import Plan
from core.customers.subscriptions import changing, ledger, rules
from core.customers.subscriptions.models import Subscription
from core.customers.subscriptions.pricing import Terms, terms_of, terms_on
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.reads import AnySelect, read
from core.kernel.writes import Transaction, write

AT_ONCE = 200
FREE = "free"


def renew(actor: Actor, *, today: date, at_once: int = AT_ONCE) -> int:
    """Brings every subscription to the period that `today` is in; returns how many steps were made.

    A subscription that several periods have passed over is brought on period by period, each with its invoice.
    """
    made = 0
    while due := _ids(actor, _due(today).order_by(Subscription.period_end, Subscription.id), at_once):
        with write(actor, "subscriptions.renew") as tx:
            made += _renew(tx, due, today)
    return made


def _due(today: date) -> AnySelect:
    return select(Subscription.tenant_id).where(Subscription.status != "cancelled", Subscription.period_end <= today)


def _ids(actor: Actor, found: AnySelect, limit: int) -> list[UUID]:
    with read(actor) as rx:
        return [row.tenant_id for row in rx.rows(found.limit(limit))]


def _renew(tx: Transaction, tenant_ids: list[UUID], today: date) -> int:
    tenants = {one.id: one for one in tx.lock_many(Tenant, tenant_ids)}
    found = [
        one for one in changing.of_tenants(tx, tenant_ids) if one.status != "cancelled" and one.period_end <= today
    ]
    plans = changing.plans(tx)
    causes: dict[UUID, tuple[str, str | None]] = {}
    drafted = []
    by_contract = set(tx.session.scalars(contracts.covered(tenant_ids, tx.now)))
    for subscription in found:
        before = subscription.plan_key
        cause, bill = _step(tx, subscription, plans, today)
        causes[subscription.tenant_id] = cause, before
        changing.copy(subscription, tenants[subscription.tenant_id])
        drafted += [bill] if bill and subscription.tenant_id not in by_contract else []
    tx.session.flush()
    invoices.store(tx, drafted)
    ledger.book_many(tx, found, causes)
    return len(found)


def _step(
    tx: Transaction, subscription: Subscription, plans: Mapping[str, Plan], today: date
) -> tuple[str, invoices.Drafted | None]:
    """One period onwards: its cause for the ledger, and the invoice."""
    if subscription.cancels_at_period_end:
        reason = subscription.cancel_reason or ""
        changing.finish(tx, subscription, cause="request", reason=reason)
        return "Cancelled at the end of the period", None
    was_trial, is_scheduled = subscription.status == "trialing", subscription.next_plan_key is not None
    change = rules.renewal(subscription, _next_terms(subscription, plans))
    changing.drop_scheduled(subscription)
    if was_trial:
        subscription.status, subscription.trial_ends_on = "active", None
    bill = changing.make(subscription, change, today, source="renewal")
    if was_trial:
        return ("Trial converted" if is_scheduled else "Trial ended"), bill
    return ("Scheduled change" if is_scheduled else "Renewed"), bill


def _next_terms(subscription: Subscription, plans: Mapping[str, Plan]) -> Terms:
    """What was scheduled, at today's prices; else as before.

    A trial that nobody converted goes on with the free plan, because nobody agreed to pay.
    """
    if subscription.next_plan_key and subscription.next_interval:
        seats = subscription.next_seats or subscription.seats
        plan = plans[subscription.next_plan_key]
        return terms_on(plan, interval=subscription.next_interval, seats=seats, discount=subscription.discount)
    if subscription.status == "trialing":
        return terms_on(plans[FREE], interval="monthly", seats=plans[FREE].seats, discount=Decimal(0))
    return terms_of(subscription)


def mark_past_due(actor: Actor, *, today: date, at_once: int = AT_ONCE) -> int:
    """Active subscriptions with an overdue invoice become past due, and those without one active again. Returns how many."""
    return sum(_mark(actor, today, status, at_once) for status in ("active", "past_due"))


def _mark(actor: Actor, today: date, status: str, at_once: int) -> int:
    overdue = exists().where(
        Invoice.subscription_id == Subscription.id, Invoice.status == "open", Invoice.due_on < today
    )
    wanted = overdue if status == "active" else ~overdue
    found = select(Subscription.tenant_id).where(Subscription.status == status, wanted).order_by(Subscription.id)
    made = 0
    while ids := _ids(actor, found, at_once):
        with write(actor, "subscriptions.mark_past_due") as tx:
            for subscription in changing.of_tenants(tx, ids):
                subscription.status = "past_due" if status == "active" else "active"
        made += len(ids)
    return made

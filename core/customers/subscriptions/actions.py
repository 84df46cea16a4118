"""What can be done with one tenant's subscription. Each writes the ledger and the tenant's copy of the plan with it."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from core.customers.plans.models import Plan
from core.customers.subscriptions import changing, ledger, rules, steps
from core.customers.subscriptions.models import INTERVALS, Subscription
from core.customers.subscriptions.pricing import terms_on
from core.customers.tenants.models import Tenant
from core.customers.tenants.rules import require_editable, require_future
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write


def start(
    actor: Actor, tenant_id: UUID, *, plan_key: str, interval: str = "monthly", seats: int | None = None,
    trial_ends_on: date | None = None, once: str | None = None,
) -> Subscription:  # fmt: skip
    """Starts the subscription of a tenant that has none, or one that was cancelled anew. Raises Invalid, NotFound."""
    with write(actor, "subscriptions.start", once=once) as tx:
        tenant = tx.lock(Tenant, tenant_id)
        require_editable(tenant.status)
        found = changing.of_tenants(tx, [tenant_id])
        count = rules.clean_seats(seats) if seats is not None else None
        if not found:
            return steps.begin(tx, tenant, plan_key, interval, trial_ends_on, seats=count)
        rules.require("start", found[0].status)
        plan = tx.get(Plan, plan_key)
        chosen = rules.one_of("interval", interval, INTERVALS)
        terms = terms_on(plan, interval=chosen, seats=count or plan.seats)
        steps.begin_again(tx, tenant, found[0], terms, trial_ends_on)
    return found[0]


def change_plan(  # noqa: PLR0913  (what is wanted, and what it was wanted over)
    actor: Actor, tenant_id: UUID, *, plan_key: str | None = None, interval: str | None = None, seats: int | None = None,
    when: str = "now", version: int | None = None, tenant_version: int | None = None, expected_net: Decimal | None = None,
) -> Subscription:  # fmt: skip
    """Changes plan, interval or seats, now (with proration) or at the end of the period.

    `expected_net` is what the preview showed; another sum is a Conflict. What changes nothing does nothing.
    Raises Invalid, NotFound, Conflict.
    """
    rules.one_of("when", when, rules.WHENS)
    with write(actor, "subscriptions.change_plan") as tx:
        tenant, subscription = changing.lock(tx, tenant_id, version, tenant_version=tenant_version)
        change_locked(tx, tenant, subscription, tx.get(Plan, plan_key or subscription.plan_key), interval=interval,
                      seats=seats, when=when, expected_net=expected_net)  # fmt: skip
    return subscription


def change_locked(
    tx: Transaction, tenant: Tenant, subscription: Subscription, plan: Plan, *, interval: str | None = None,
    seats: int | None = None, when: str = "now", expected_net: Decimal | None = None,
) -> None:  # fmt: skip
    """The change itself, of one of many too."""
    rules.require("change", subscription.status)
    if when == "period_end":
        changing.schedule(subscription, plan, interval=interval, seats=seats)
        return
    after, before = rules.wanted(subscription, plan, interval=interval, seats=seats), subscription.plan_key
    change, today = rules.change_today(subscription, after, tx.now.date()), tx.now.date()
    changing.require_expected(change, expected_net)
    if change.before == after:
        return
    drafted = changing.switch(subscription, change, today)
    changing.copy(subscription, tenant)
    changing.bill(tx, drafted)
    ledger.book(tx, subscription, "Plan changed" if before != plan.key else "Terms changed", plan_before=before)


def drop_scheduled(actor: Actor, tenant_id: UUID, *, version: int | None = None) -> Subscription:
    """Takes back what was scheduled for the end of the period: a change, a conversion, a cancellation."""
    with write(actor, "subscriptions.drop_scheduled") as tx:
        _, subscription = changing.lock(tx, tenant_id, version)
        changing.drop_scheduled(subscription)
    return subscription


def set_discount(
    actor: Actor, tenant_id: UUID, *, discount: Decimal, reason: str, version: int | None = None
) -> Subscription:
    """A discount (a share from 0 to 1) from the next period on; recurring revenue changes today. Raises Invalid."""
    with write(actor, "subscriptions.set_discount", reason=reason) as tx:
        _, subscription = changing.lock(tx, tenant_id, version)
        rules.require("discount", subscription.status)
        subscription.discount = rules.clean_discount(discount)
        ledger.book(tx, subscription, "Discount changed")
    return subscription


def extend_trial(
    actor: Actor, tenant_id: UUID, *, trial_ends_on: date, reason: str, version: int | None = None
) -> Subscription:
    """Moves the last day of a trial to a later one. Raises Invalid."""
    with write(actor, "subscriptions.extend_trial", reason=reason) as tx:
        tenant, subscription = changing.lock(tx, tenant_id, version)
        rules.require("extend", subscription.status)
        require_future(trial_ends_on, tx.now.date())
        _require_later(subscription.trial_ends_on, trial_ends_on)
        subscription.trial_ends_on, subscription.period_end = trial_ends_on, trial_ends_on + timedelta(days=1)
        changing.copy(subscription, tenant)
    return subscription


def _require_later(known: date | None, wanted: date) -> None:
    if known and wanted <= known:
        sentence = f"The trial ends on {known} now; choose a later day."
        raise Invalid(sentence, {"trial_ends_on": sentence})


def convert(
    actor: Actor, tenant_id: UUID, *, plan_key: str | None = None, interval: str | None = None, when: str = "now",
    version: int | None = None, expected_net: Decimal | None = None,
) -> Subscription:  # fmt: skip
    """Makes a trial a subscription that is paid for, today or when the trial ends. Raises Invalid, Conflict."""
    rules.one_of("when", when, rules.WHENS)
    with write(actor, "subscriptions.convert") as tx:
        tenant, subscription = changing.lock(tx, tenant_id, version)
        rules.require("convert", subscription.status)
        plan = tx.get(Plan, plan_key or subscription.plan_key)
        if when == "period_end":
            changing.schedule(subscription, plan, interval=interval, seats=None)
            return subscription
        after, today = rules.wanted(subscription, plan, interval=interval), tx.now.date()
        change = rules.conversion(subscription, after, today)
        changing.require_expected(change, expected_net)
        drafted = changing.activate(subscription, change, today)
        changing.copy(subscription, tenant)
        changing.bill(tx, drafted)
        ledger.book(tx, subscription, "Trial converted")
    return subscription


def cancel(
    actor: Actor, tenant_id: UUID, *, reason: str, when: str = "period_end", version: int | None = None
) -> Subscription:
    """Cancels now, without giving back what was paid, or at the end of the period. Raises Invalid."""
    rules.one_of("when", when, rules.WHENS)
    with write(actor, "subscriptions.cancel", reason=reason) as tx:
        tenant, subscription = changing.lock(tx, tenant_id, version)
        rules.require("cancel", subscription.status)
        if when == "now":
            changing.finish(tx, subscription, cause="request", reason=reason.strip())
            changing.copy(subscription, tenant)
            ledger.book(tx, subscription, "Cancelled")
        else:
            changing.drop_scheduled(subscription)
            subscription.cancels_at_period_end, subscription.cancel_reason = True, reason.strip()
    return subscription


def resume(actor: Actor, tenant_id: UUID, *, version: int | None = None) -> Subscription:
    """Takes back a cancellation: one that is to come, or one that was; then the paid period goes on or a new one begins."""
    with write(actor, "subscriptions.resume") as tx:
        tenant, subscription = changing.lock(tx, tenant_id, version)
        if subscription.status != "cancelled" and not subscription.cancels_at_period_end:
            raise Invalid("This subscription was not cancelled; there is nothing to resume.")
        if subscription.status != "cancelled":
            subscription.cancels_at_period_end, subscription.cancel_reason = False, None
            return subscription
        drafted = changing.revive(subscription, tx.now.date())
        changing.copy(subscription, tenant)
        changing.bill(tx, drafted)
        ledger.book(tx, subscription, "Resumed")
    return subscription


def correct(actor: Actor, tenant_id: UUID, *, reason: str) -> Subscription:
    """Books what the ledger differs by from the subscription, as a further row; nothing where they agree."""
    with write(actor, "subscriptions.correct", reason=reason) as tx:
        _, subscription = changing.lock(tx, tenant_id)
        ledger.book(tx, subscription, f"Correction: {reason.strip()}")
    return subscription

"""Demo subscriptions: the course of each tenant's plan since it was made, its ledger, and two years of invoices.

Plans change at the ends of periods. Every row is what the product itself would have written.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import exists, insert, select, update

from core.customers.invoices import demo as invoices
from core.customers.invoices.models import Invoice
from core.customers.plans.models import Plan
from core.customers.subscriptions import ledger, periods
from core.customers.subscriptions.models import MrrChange, Subscription
from core.customers.subscriptions.periods import Period
from core.customers.subscriptions.pricing import Terms, mrr_of, terms_on
from core.customers.tenants.models import Tenant
from core.kernel.writes import Transaction

# From which plans tenants of a plan come, and how often; the same plan means that they began with it.
_BEFORE = {
    "free": {"free": 0.7, "basic": 0.3}, "basic": {"basic": 0.6, "free": 0.25, "pro": 0.15},
    "pro": {"pro": 0.45, "basic": 0.45, "enterprise": 0.1}, "enterprise": {"enterprise": 0.5, "pro": 0.5},
}  # fmt: skip
_DISCOUNTS = (Decimal("0.10"), Decimal("0.15"), Decimal("0.20"))


class Stretch(NamedTuple):
    """One period that was billed at these terms; `cause` is why the terms are other ones than before."""

    period: Period
    terms: Terms
    cause: str


def seed(tx: Transaction, random: Random, now: datetime) -> None:
    """Makes a subscription for every tenant that has none yet."""
    plans = {plan.key: plan for plan in tx.session.scalars(select(Plan))}
    known = select(Subscription.tenant_id)
    tenants = tx.session.scalars(select(Tenant).where(Tenant.id.not_in(known)).order_by(Tenant.created_at, Tenant.id))
    rows, changes, billed = [], [], []
    for tenant in tenants:
        course = _course(random, tenant, plans, now.date())
        row = _subscription(random, tenant, course, plans, now)
        rows.append(row)
        if row["status"] != "trialing":
            changes += _changes(row, course, tenant, now)
            billed += [invoices.Billed(row, one.period, one.terms, tenant.status == "suspended") for one in course]
    tx.bulk(insert(Subscription), rows)
    tx.bulk(insert(MrrChange), ledger.chain(sorted(changes, key=lambda one: one["at"])))
    invoices.seed(tx, random, now, billed)
    overdue = exists().where(
        Invoice.subscription_id == Subscription.id, Invoice.status == "open", Invoice.due_on < now.date()
    )
    tx.bulk(update(Subscription).where(Subscription.status == "active", overdue).values(status="past_due"))


def _course(random: Random, tenant: Tenant, plans: dict[str, Plan], today: date) -> list[Stretch]:
    """Its periods until today, oldest first."""
    interval = "yearly" if tenant.tier != "free" and random.random() < 0.3 else "monthly"
    discount = random.choice(_DISCOUNTS) if random.random() < 0.15 else Decimal(0)
    last = terms_on(plans[tenant.tier], interval=interval, seats=tenant.seats, discount=discount)
    shares = _BEFORE[tenant.tier]
    before = random.choices(list(shares), weights=list(shares.values()))[0]
    found = _periods(tenant.created_at.date(), interval, today)
    switch = random.randint(1, len(found)) if before != tenant.tier and len(found) > 1 else 0
    gap = random.randint(1, switch) if switch > 4 and random.random() < 0.15 else 0
    first = replace(terms_on(plans[before], interval=interval, seats=plans[before].seats), discount=discount)
    return [
        _stretch(place, period, first, last, min(switch, len(found) - 1), gap, plans)
        for place, period in enumerate(found)
    ]


def _periods(start: date, interval: str, today: date) -> list[Period]:
    found = [periods.first(start, interval)]
    while found[-1].end <= today:
        found.append(periods.following(start, found[-1].end, interval))
    return found


def _stretch(
    place: int, period: Period, first: Terms, last: Terms, switch: int, gap: int, plans: dict[str, Plan]
) -> Stretch:
    if gap and place == gap:
        free = plans["free"]
        return Stretch(period, terms_on(free, interval=first.interval, seats=free.seats), "Scheduled change")
    terms = last if place >= switch else first
    return Stretch(period, terms, "Started" if place == 0 else "Scheduled change")


def _changes(row: dict[str, Any], course: list[Stretch], tenant: Tenant, now: datetime) -> list[dict[str, Any]]:
    """What its MRR was from when; the ledger leaves out what changed nothing."""
    return [
        {
            "tenant_id": row["tenant_id"], "subscription_id": row["id"], "currency": row["currency"], "cause": one.cause,
            "at": tenant.created_at if place == 0 else min(datetime.combine(one.period.start, time(0, 5), UTC), now),
            "mrr": mrr_of("active", one.terms), "plan": one.terms.plan_key,
        }
        for place, one in enumerate(course)
    ]  # fmt: skip


def _subscription(
    random: Random, tenant: Tenant, course: list[Stretch], plans: dict[str, Plan], now: datetime
) -> dict[str, Any]:
    terms, period, anchor = course[-1].terms, course[-1].period, course[0].period.start
    status = "trialing" if tenant.status == "trial" else "active"
    known: dict[str, Any] = {name: getattr(terms, name) for name in Terms.__dataclass_fields__}
    if status == "trialing" and tenant.trial_ends_on:
        period = Period(anchor, tenant.trial_ends_on + timedelta(days=1))
    paid = terms.amount if status != "trialing" else Decimal("0.00")
    next_key = _next(random, terms) if status == "active" else None
    return known | {
        "id": UUID(int=random.getrandbits(128), version=4), "tenant_id": tenant.id, "status": status, "credit": Decimal("0.00"),
        "period_amount": paid, "started_at": tenant.created_at,
        "trial_ends_on": tenant.trial_ends_on if status == "trialing" else None,
        "anchor_on": anchor, "period_start": period.start, "period_end": period.end, "cancels_at_period_end": False,
        "next_plan_key": next_key, "next_interval": terms.interval if next_key else None,
        "next_seats": plans[next_key].seats if next_key else None,
        "created_at": tenant.created_at, "updated_at": now, "version": 1,
    }  # fmt: skip


def _next(random: Random, terms: Terms) -> str | None:
    """A few have a change ahead of them."""
    above = {"basic": "pro", "pro": "enterprise"}.get(terms.plan_key)
    return above if random.random() < 0.08 else None

"""Demo trials of the past: those that led to a first payment, and those that led to the free plan."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert, select

from core.customers.growth.models import Trial
from core.customers.plans.models import Plan
from core.customers.subscriptions.models import MrrChange, Subscription
from core.kernel.writes import Transaction


def seed(tx: Transaction, random: Random, now: datetime) -> None:
    """About half of the tenants began with one. Those that run keep the row that their subscription made."""
    days = {plan.key: plan.trial_days for plan in tx.session.scalars(select(Plan))}
    first = select(MrrChange.tenant_id, MrrChange.at, MrrChange.plan_after, MrrChange.currency)
    paid = {row.tenant_id: row for row in tx.session.execute(first.where(MrrChange.kind == "new")).all()}
    settled = select(Subscription).where(Subscription.status != "trialing").order_by(Subscription.tenant_id)
    rows = [
        _trial(random, subscription, paid.get(subscription.tenant_id), days, now)
        for subscription in tx.session.scalars(settled)
        if random.random() < 0.55
    ]
    tx.bulk(insert(Trial), rows)


def _trial(
    random: Random, subscription: Subscription, first: Any, days: dict[str, int], now: datetime
) -> dict[str, Any]:
    """It ended where the first payment is; without one after its days, on the free plan or because somebody ended it."""
    plan = first.plan_after if first else "basic"
    length = timedelta(days=days[plan] or 14)
    if first:
        started, ended, outcome = first.at - length * random.uniform(0.3, 1), first.at, "converted"
    else:
        started = subscription.started_at - length
        ended, outcome = min(started + length, now), "cancelled" if random.random() < 0.2 else "expired"
    return {
        "tenant_id": subscription.tenant_id, "started_at": started, "plan_key": plan, "currency": subscription.currency,
        "ended_at": ended, "outcome": outcome,
    }  # fmt: skip

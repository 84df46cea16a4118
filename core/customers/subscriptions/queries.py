"""Reads of subscriptions: one tenant's, what a change of it would do, and its course in the ledger."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select

from core.customers.plans.models import Plan
from core.customers.subscriptions import rules
from core.customers.subscriptions.changing import NO_SUBSCRIPTION
from core.customers.subscriptions.models import MrrChange, Subscription
from core.customers.subscriptions.pricing import Terms, mrr_of, terms_of
from core.customers.subscriptions.proration import Change
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, read
from core.kernel.times import utc_now

_STORED = tuple(Subscription.__table__.columns)
_LEDGER = (
    MrrChange.at, MrrChange.kind, MrrChange.amount, MrrChange.mrr_after, MrrChange.currency, MrrChange.plan_before,
    MrrChange.plan_after, MrrChange.cause, MrrChange.sequence,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do: money to the cent, MRR before and after, and the day it happens on."""

    change: Change
    mrr_before: Decimal
    mrr_after: Decimal
    on: date
    version: int

    @property
    def lines(self) -> pd.DataFrame:
        """One row per line: description, amount (Decimal)."""
        rows = [(line.description, line.amount) for line in self.change.lines]
        return pd.DataFrame(rows, columns=["description", "amount"])


def one(actor: Actor, tenant_id: UUID) -> dict[str, Any] | None:
    """The tenant's subscription, or None: every column of it, plan (name), amount of a period, mrr, booked (the ledger's MRR)."""
    require(actor, "subscriptions:read")
    last = select(MrrChange.mrr_after).where(MrrChange.tenant_id == Subscription.tenant_id)
    booked = last.order_by(MrrChange.sequence.desc()).limit(1).scalar_subquery()
    columns = (*_STORED, Plan.name.label("plan"), func.coalesce(booked, 0).label("booked"))
    with read(actor) as rx:
        row = rx.one(_of(tenant_id, *columns).join(Plan, Plan.key == Subscription.plan_key))
    if row is None:
        return None
    terms = terms_of(row)
    return row._asdict() | {"amount": terms.amount, "mrr": mrr_of(row.status, terms)}


def _of(tenant_id: UUID, *columns: Any) -> AnySelect:
    return select(*columns).where(Subscription.tenant_id == tenant_id)


def ledger(actor: Actor, tenant_id: UUID, *, limit: int = 500) -> pd.DataFrame:
    """One row per change of the tenant's MRR, oldest first: at, kind, amount, mrr_after, currency, plans, cause, sequence."""
    require(actor, "subscriptions:read")
    newest = select(*_LEDGER).where(MrrChange.tenant_id == tenant_id).order_by(MrrChange.sequence.desc())
    with read(actor) as rx:
        return rx.frame(newest, limit=limit).iloc[::-1].reset_index(drop=True)


def preview(
    actor: Actor, tenant_id: UUID, *, plan_key: str | None = None, interval: str | None = None, seats: int | None = None,
    when: str = "now", converts: bool = False,
) -> Preview:  # fmt: skip
    """What `change_plan`, or with `converts` `convert`, would do, to the cent. Raises Invalid, NotFound."""
    require(actor, "subscriptions:read")
    with read(actor) as rx:
        row = rx.one(_of(tenant_id, *_STORED))
        if row is None:
            raise NotFound(NO_SUBSCRIPTION)
        plan: Any = rx.one(select(Plan.__table__).where(Plan.key == (plan_key or row.plan_key)))
    if plan is None:
        raise NotFound("This plan does not exist. Choose another.")
    rules.require("convert" if converts else "change", row.status)
    after, today = rules.wanted(row, plan, interval=interval, seats=seats), utc_now().date()
    change = _change(row, after, today, when=when, converts=converts)
    is_paid = converts or when == "period_end"
    after_status = "active" if is_paid else row.status
    mrr_before = mrr_of(row.status, terms_of(row))
    on = row.period_end if when == "period_end" else today
    return Preview(change, mrr_before, mrr_of(after_status, after), on, row.version)


def _change(row: Any, after: Terms, today: date, *, when: str, converts: bool) -> Change:
    if when == "period_end":
        return rules.renewal(row, after)
    return rules.conversion(row, after, today) if converts else rules.change_today(row, after, today)


def listing(
    actor: Actor, *, status: str | None = None, plan_key: str | None = None, after: str | None = None, limit: int = 50
) -> Listing:
    """Subscriptions for machines, newest first: every column, and tenant (name)."""
    require(actor, "subscriptions:read")
    found = select(*_STORED, Tenant.name.label("tenant")).join(Tenant, Tenant.id == Subscription.tenant_id)
    found = found.where(Subscription.status == status) if status else found
    found = found.where(Subscription.plan_key == plan_key) if plan_key else found
    with read(actor) as rx:
        return rx.listing(found, keys=(Subscription.created_at, Subscription.id), after=after, limit=limit)


def plans(actor: Actor) -> dict[str, str]:
    """Names of the plans by key, in their order."""
    require(actor, "subscriptions:read")
    with read(actor) as rx:
        return {row.key: row.name for row in rx.rows(select(Plan.key, Plan.name).order_by(Plan.position))}

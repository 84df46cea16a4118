"""The plan of many tenants at once: what it would do to each, and doing it, each on its own."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Row, select, update

from core.customers.plans.models import Plan
from core.customers.subscriptions import changing, rules
from core.customers.subscriptions.actions import change_locked
from core.customers.subscriptions.models import RUNNING, Subscription
from core.customers.subscriptions.pricing import mrr_of, terms_of
from core.customers.tenants.models import Tenant
from core.customers.tenants.rules import require_editable
from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, Invalid, NotFound
from core.kernel.many import Outcome, each, present
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.kernel.writes import write

MOST = 500
COLUMNS = (
    "tenant_id", "tenant", "plan_before", "plan_after", "mrr_before", "mrr_after", "charge", "credit", "net", "currency",
    "problem",
)  # fmt: skip


def _require_few(tenant_ids: Sequence[UUID]) -> None:
    if len(tenant_ids) > MOST:
        raise Invalid(f"Change at most {MOST} tenants at once; {len(tenant_ids)} are chosen.")


def change_many(actor: Actor, tenant_ids: Sequence[UUID], *, plan_key: str, when: str = "now") -> list[Outcome]:
    """Changes the plan of each tenant on its own, at most 500: one that cannot be changed does not stop the others.

    One transaction; outcomes are in the order given. Raises Invalid for too many, NotFound for an unknown plan.
    """
    _require_few(tenant_ids)
    rules.one_of("when", when, rules.WHENS)
    with write(actor, "subscriptions.change_many") as tx:
        plan = tx.get(Plan, plan_key)
        tenants = {one.id: one for one in tx.lock_many(Tenant, tenant_ids)}
        subscriptions = {one.tenant_id: one for one in changing.of_tenants(tx, list(tenants))}

        def act(key: UUID) -> None:
            tenant = present(tenants, key, "tenant")
            if key not in subscriptions:
                raise NotFound(changing.NO_SUBSCRIPTION)
            require_editable(tenant.status)
            change_locked(tx, tenant, subscriptions[key], plan, when=when)

        return each(tx, tenant_ids, act)


def preview_many(actor: Actor, tenant_ids: Sequence[UUID], *, plan_key: str, when: str = "now") -> pd.DataFrame:
    """One row per tenant in sight, by name: COLUMNS. Money is Decimal, to the cent; `net` is charge - credit, and 0 for
    what is done at the end of the period. `problem` says why a tenant cannot be changed. Raises Invalid, NotFound.
    """
    require(actor, "subscriptions:read")
    _require_few(tenant_ids)
    columns = (Tenant.id.label("of"), Tenant.name.label("tenant"), Tenant.status.label("tenant_status"))
    found = select(*columns, *Subscription.__table__.columns).outerjoin(
        Subscription, Subscription.tenant_id == Tenant.id
    )
    with read(actor) as rx:
        plan = rx.one(select(Plan.__table__).where(Plan.key == plan_key))
        rows = rx.rows(found.where(Tenant.id.in_(list(tenant_ids))).order_by(Tenant.name, Tenant.id))
    if plan is None:
        raise NotFound("This plan does not exist. Choose another.")
    today = utc_now().date()
    return pd.DataFrame([_previewed(row, plan, when, today) for row in rows], columns=list(COLUMNS))


def _previewed(row: Row[Any], plan: Any, when: str, today: date) -> dict[str, Any]:
    known = {"tenant_id": str(row.of), "tenant": row.tenant, "plan_before": row.plan_key, "plan_after": plan.key}
    try:
        require_editable(row.tenant_status)
        if row.plan_key is None:
            raise NotFound(changing.NO_SUBSCRIPTION)
        rules.require("change", row.status)
        change = rules.change_today(row, rules.wanted(row, plan), today)
    except ExpectedError as error:
        return known | {"problem": str(error)}
    is_now = when == "now"
    return known | {
        "mrr_before": mrr_of(row.status, terms_of(row)), "mrr_after": mrr_of(row.status, change.after),
        "charge": change.charge if is_now else change.charge * 0, "credit": change.unused if is_now else change.unused * 0,
        "net": change.net if is_now else change.net * 0, "currency": row.currency,
    }  # fmt: skip


def migrate_prices(actor: Actor, plan_key: str, *, reason: str) -> int:
    """Running subscriptions of the plan get its current prices with their next period. Returns how many.

    What was scheduled for a subscription stays: it comes with current prices anyhow. Raises NotFound.
    """
    with write(actor, "subscriptions.migrate_prices", reason=reason) as tx:
        plan, one = tx.get(Plan, plan_key), Subscription
        for interval, price, seat_price in (
            ("monthly", plan.price_monthly, plan.seat_price_monthly), ("yearly", plan.price_yearly, plan.seat_price_yearly),
        ):  # fmt: skip
            differs = (one.unit_price != price) | (one.seat_price != seat_price) | (one.seats_included != plan.seats)
            is_old = (one.plan_key == plan_key) & (one.interval == interval) & one.status.in_(RUNNING) & differs
            scheduled = {"next_plan_key": plan_key, "next_interval": interval, "version": one.version + 1}
            made = tx.bulk(update(one).where(is_old, one.next_plan_key.is_(None)).values(**scheduled))
            tx.note(**{interval: made})
    return int(sum(tx.noted.values()))

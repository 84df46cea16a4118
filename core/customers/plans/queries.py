"""Reads of plans: what is sold, what it was before, who has it."""

from typing import Any

import pandas as pd
from sqlalchemy import Integer, case, cast, func, select

from core.customers.plans.models import Plan, PlanVersion
from core.customers.subscriptions.models import RUNNING, Subscription
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read

COLUMNS = (
    Plan.key, Plan.name, Plan.position, Plan.price_monthly, Plan.price_yearly, Plan.seat_price_monthly, Plan.seat_price_yearly,
    Plan.currency, Plan.seats, Plan.trial_days, Plan.limits, Plan.quota_policy, Plan.settings, Plan.is_public, Plan.version,
    Plan.updated_at,
)  # fmt: skip


def listing(actor: Actor) -> pd.DataFrame:
    """One row per plan, in the order they are sold in: COLUMNS, then subscriptions, trials, outdated (with other prices).

    The counts are of the tenants in sight, and NA without subscriptions:read.
    """
    require(actor, "plans:read")
    one, is_running = Subscription, Subscription.status.in_(RUNNING)
    price = case((one.interval == "yearly", Plan.price_yearly), else_=Plan.price_monthly)
    seat_price = case((one.interval == "yearly", Plan.seat_price_yearly), else_=Plan.seat_price_monthly)
    differs = (one.unit_price != price) | (one.seat_price != seat_price) | (one.seats_included != Plan.seats)
    counts = {
        "subscriptions": func.count(one.id).filter(is_running),
        "trials": func.count(one.id).filter(one.status == "trialing"),
        "outdated": func.count(one.id).filter(is_running, differs),
    }
    told = [
        cast(count if actor.may("subscriptions:read") else None, Integer).label(name) for name, count in counts.items()
    ]
    found = select(*COLUMNS, *told).outerjoin(one, one.plan_key == Plan.key).group_by(Plan.key).order_by(Plan.position)
    with read(actor) as rx:
        return rx.frame(found)


def one(actor: Actor, key: str) -> dict[str, Any]:
    """One plan: COLUMNS. Raises NotFound."""
    require(actor, "plans:read")
    with read(actor) as rx:
        found = rx.one(select(*COLUMNS).where(Plan.key == key))
    if found is None:
        raise NotFound("This plan does not exist. Choose one of the list.")
    return found._asdict()


def options(actor: Actor) -> dict[str, str]:
    """Names by key, in the order they are sold in, of those that are sold."""
    require(actor, "plans:read")
    with read(actor) as rx:
        return {row.key: row.name for row in rx.rows(select(Plan.key, Plan.name).order_by(Plan.position))}


def versions(actor: Actor, key: str, *, limit: int = 50) -> pd.DataFrame:
    """What the plan was, newest first: number, values (dict), valid_from, replaced_at, replaced_by_name, reason."""
    require(actor, "plans:read")
    one = PlanVersion
    columns = (one.number, one.values, one.valid_from, one.replaced_at, one.replaced_by_name, one.reason)
    with read(actor) as rx:
        return rx.frame(select(*columns).where(one.plan_key == key).order_by(one.number.desc()), limit=limit)

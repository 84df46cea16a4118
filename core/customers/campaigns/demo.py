"""Demo campaigns: about three for each tenant that pays."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.customers.campaigns.models import Campaign
from core.customers.tenants.models import Tenant
from core.kernel.writes import Transaction

_NAMES = (
    "Spring newsletter", "Order reminders", "Appointment confirmations", "Win-back offer", "Product launch",
    "Satisfaction survey", "Season's greetings", "Payment reminders", "Loyalty bonus", "Event invitation",
)  # fmt: skip
_SHARES = {"draft": 0.15, "running": 0.35, "paused": 0.1, "finished": 0.4}


def seed(tx: Transaction, random: Random, now: datetime) -> None:
    """Makes them for the tenants that are there; those of a suspended one stand still."""
    tenants = tx.session.execute(select(Tenant.id, Tenant.status, Tenant.suspended_at).order_by(Tenant.id)).all()
    rows = [
        _campaign(random, place, tenant, now)
        for tenant in tenants
        for place in range(random.choice((0, 1, 2, 3, 4, 6)))
    ]
    if rows:
        tx.bulk(insert(Campaign), rows)


def _campaign(random: Random, place: int, tenant: Any, now: datetime) -> dict[str, Any]:
    made = now - timedelta(days=random.randint(1, 90), minutes=random.randint(0, 1439))
    status = random.choices(list(_SHARES), weights=list(_SHARES.values()))[0]
    is_held = status == "running" and tenant.status == "suspended"
    paused_at = now - timedelta(hours=random.randint(1, 400)) if status == "paused" else None
    return {
        "id": UUID(int=random.getrandbits(128), version=4), "tenant_id": tenant.id, "external_id": f"cmp-{place + 1:04d}",
        "name": random.choice(_NAMES), "status": "paused" if is_held else status,
        "started_at": None if status == "draft" else made + timedelta(hours=2),
        "paused_at": tenant.suspended_at if is_held else paused_at, "paused_by_suspension": is_held,
        "created_at": made, "updated_at": made, "version": 1,
    }  # fmt: skip

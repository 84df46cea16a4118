"""Demo data of who was active: operators by hour, the tenants' people by day, up to yesterday; the same for the same seed.

Today's counts are taken from the demo people themselves, so that the figures of now agree with the lists.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.customers.users.models import TenantUser
from core.health.active.models import OPERATOR_ROLLUP, ActiveUsers
from core.health.active.tasks import count_users
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.rollups import fill
from core.kernel.telemetry import record

DAYS, DAY = 90, timedelta(days=1)
SHIFT = range(7, 18)  # UTC


def seed(system: Actor, random: Random, now: datetime, operators: Mapping[str, UUID]) -> None:
    """Fills the tables of active users, which must be empty; the tenants' people must be there."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [today - DAY * back for back in range(DAYS, 0, -1)]
    tenants = _tenants(system)
    with record(system, timeout_ms=60_000) as tx:
        retention.make_ready(tx, ActiveUsers.__tablename__, "month", days[0], now)
        tx.copy(ActiveUsers, [_people(random, tenant, users, day, today) for day in days for tenant, users in tenants])
        fill(tx, OPERATOR_ROLLUP, "hour", _shifts(random, list(operators.values()), days))
    count_users(system)


def _tenants(system: Actor) -> list[tuple[UUID, int]]:
    in_service = select(TenantUser.tenant_id, func.count()).where(TenantUser.deactivated_at.is_(None))
    with read(system) as rx:
        return [tuple(row) for row in rx.rows(in_service.group_by(TenantUser.tenant_id).order_by(TenantUser.tenant_id))]


def _people(random: Random, tenant_id: UUID, users: int, day: datetime, today: datetime) -> dict[str, Any]:
    """A tenant grew to what it is over the 90 days; fewer people work at weekends."""
    there = max(round(users * (1 - (today - day).days / (3 * DAYS))), 1)
    share = random.uniform(0.02, 0.06) * (0.3 if day.weekday() >= 5 else 1.0)
    monthly = min(round(there * random.uniform(0.75, 0.85)), there)
    weekly = min(round(there * random.uniform(0.17, 0.24)), monthly)
    return {
        "day": day, "tenant_id": tenant_id, "taken_at": day + DAY - timedelta(minutes=5), "users": there, "seen": monthly,
        "daily": min(round(there * share + random.random() * 0.6), weekly), "weekly": weekly, "monthly": monthly,
    }  # fmt: skip


def _shifts(random: Random, operators: Iterable[UUID], days: list[datetime]) -> list[dict[str, Any]]:
    rows = []
    for operator in operators:
        diligence = random.uniform(0.25, 0.8)
        for at in (day + timedelta(hours=hour) for day in days for hour in SHIFT):
            if random.random() < diligence * (0.08 if at.weekday() >= 5 else 1.0):
                total = random.randint(1, 60)
                rows.append({"bucket": at, "operator_id": operator, "total": total, "errors": 0})
    return rows

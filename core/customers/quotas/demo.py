"""Demo quotas: storage and AI spend as the product tells them, overrides, and larger plans that were asked for."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.access.operators.models import Operator
from core.customers.quotas import measuring
from core.customers.quotas.models import QuotaUpgrade, QuotaUsage, TenantQuota
from core.customers.quotas.resources import SPEND_METRIC, STORAGE_METRIC
from core.customers.tenants.models import Tenant
from core.health.metrics.models import METRIC_ROLLUP, MetricSeries
from core.health.metrics.rules import identity
from core.kernel.actor import Actor
from core.kernel.rollups import fill, start_of
from core.kernel.telemetry import record
from core.kernel.writes import Transaction, write

DAYS, COUNTED = 90, 28
GIB = 2**30
# What a tenant of a plan stores (GiB) and spends (USD a day), about.
_SHAPES = {"free": (0.4, 0.0), "basic": (5.0, 0.35), "pro": (55.0, 4.5), "enterprise": (420.0, 38.0)}
_REASONS = (
    "Migration from the old system, agreed with the CSM", "Campaign of the season", "Contract of 2024 has its own limits",
    "Goodwill after the outage", "Load test with the customer",
)  # fmt: skip


def seed(system: Actor, random: Random, now: datetime, operators: dict[str, UUID]) -> None:
    """After the other telemetry, which it measures. Storage and spend are told by two of three tenants."""
    _tell(system, random, now)
    today = start_of(now, "day")
    measuring.recount(system, [today - timedelta(days=number) for number in range(COUNTED, 0, -1)], now=now)
    measuring.measure(system, now=now)
    with write(system, "demo.seed") as tx:
        people = {row.id: row.name for row in tx.session.execute(select(Operator.id, Operator.name))}
        admin = operators.get("admin")
        _override(tx, random, now, admin, people.get(admin, system.name) if admin else system.name)
        _ask(tx, random, now, operators.get("support_admin"), people)
    measuring.measure(system, now=now + timedelta(microseconds=1))


def _tell(system: Actor, random: Random, now: datetime) -> None:
    with record(system) as tx:
        tenants = tx.execute(select(Tenant.id, Tenant.tier).order_by(Tenant.id)).all()
        series, days, minutes = [], [], []
        for place, tenant in enumerate(tenants):
            if place % 3 == 0:
                continue
            storage, spend = _SHAPES[tenant.tier]
            size, grows = storage * random.uniform(0.3, 1.9) * GIB, random.uniform(-0.0005, 0.006)
            series += [
                _series(tenant.id, STORAGE_METRIC, "gauge", "By", now),
                _series(tenant.id, SPEND_METRIC, "counter", "USD", now),
            ]
            ids = (series[-2]["id"], series[-1]["id"], tenant.id)
            told = [_day(random, ids, size * math.exp(-grows * age), spend, at) for age, at in _days(now)]
            days += [row for pair in told[:-1] for row in pair]
            minutes += [row | {"bucket": start_of(now, "minute")} for row in told[-1]]
        tx.execute(insert(MetricSeries), series)
        fill(tx, METRIC_ROLLUP, "day", days)
        fill(tx, METRIC_ROLLUP, "minute", minutes)


def _days(now: datetime) -> Iterator[tuple[int, datetime]]:
    """Days ago and the day, oldest first."""
    today = start_of(now, "day")
    return ((age, today - timedelta(days=age)) for age in range(DAYS, -1, -1))


def _series(tenant_id: UUID, name: str, kind: str, unit: str, now: datetime) -> dict[str, Any]:
    about = {"name": name, "kind": kind, "unit": unit, "service": "product", "tenant_id": tenant_id, "labels": {}}
    key = identity(name, kind, unit, "product", tenant_id, {})
    return {"id": key, **about, "first_seen_at": now - timedelta(days=DAYS), "last_seen_at": now}


def _day(random: Random, ids: tuple[UUID, UUID, UUID], size: float, daily: float, at: datetime) -> list[dict[str, Any]]:
    """What is stored, and what was spent; weekends are quiet. `ids`: the two series and the tenant."""
    storage, spend, tenant_id = ids
    stored = round(size * random.gauss(1, 0.01))
    spent = round(daily * (0.25 if at.weekday() >= 5 else 1.0) * random.uniform(0.6, 1.5), 4)
    return [_row(storage, tenant_id, at, float(stored)), _row(spend, tenant_id, at, spent)]


def _row(series_id: UUID, tenant_id: UUID, at: datetime, value: float) -> dict[str, Any]:
    return {
        "bucket": at, "series_id": series_id, "tenant_id": tenant_id, "total": 1, "count_sum": 1, "value_total_sum": value,
        "value_max": value, "value_min": value, "sketch_keys": [], "sketch_counts": [],
    }  # fmt: skip


def _override(tx: Transaction, random: Random, now: datetime, by: UUID | None, by_name: str) -> None:
    """Those who are far beyond their plan have a limit of their own, some of which end soon."""
    far = select(QuotaUsage).where(QuotaUsage.ratio > Decimal("1.3"), QuotaUsage.resource != "users")
    rows = []
    for place, use in enumerate(tx.session.scalars(far.order_by(QuotaUsage.tenant_id, QuotaUsage.resource))):
        if place % 8 == 7 or use.used is None:
            continue
        room = Decimal(str(random.choice((0.97, 1.08, 1.2, 1.6, 2.5))))
        digits = -max(len(str(int(use.used * room))) - 2, 0)
        ends = now + timedelta(days=random.randint(2, 120)) if place % 2 else None
        rows.append(
            TenantQuota(
                tenant_id=use.tenant_id, resource=use.resource, limit_value=round(use.used * room, digits),
                reason=random.choice(_REASONS), expires_at=ends, set_by=by, set_by_name=by_name,
            )
        )  # fmt: skip
    tx.add_all(rows)


def _ask(tx: Transaction, random: Random, now: datetime, by: UUID | None, people: dict[UUID, str]) -> None:
    """Some requests that wait, and some that are decided."""
    smaller = (
        select(Tenant).where(Tenant.tier.in_(("basic", "pro")), Tenant.status == "active").order_by(Tenant.id).limit(5)
    )
    larger = {"basic": "pro", "pro": "enterprise"}
    for place, tenant in enumerate(tx.session.scalars(smaller)):
        at = now - timedelta(days=random.randint(1, 20), minutes=random.randint(0, 999))
        is_by_person = place % 2 == 0 and by is not None
        decided = place >= 3
        tx.add(
            QuotaUpgrade(
                tenant_id=tenant.id, resource="users", from_plan=tenant.tier, to_plan=larger[tenant.tier],
                used=Decimal(tenant.seats), limit_value=Decimal(tenant.seats), created_at=at, updated_at=at,
                reason="They hire a second team in spring." if is_by_person else "The quota of Users is used up.",
                requested_by=by if is_by_person else None,
                requested_by_name=people[by] if is_by_person and by else "quotas.measure",
                outcome="rejected" if decided else "waiting", decided_at=at + timedelta(hours=20) if decided else None,
                decided_by_name="Amara Osei" if decided else None,
                decision_reason="The customer wants to stay, and removes people who left." if decided else None,
            )
        )  # fmt: skip

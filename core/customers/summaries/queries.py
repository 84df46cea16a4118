"""Reads of the tenants' figures."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, cast, null, select

from core.customers.summaries.models import TenantSummary, TenantSummaryDay
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.rollups import start_of
from core.kernel.times import utc_now

# What it takes to see a figure, beside the tenant itself. Where there are two, one of them is enough.
RIGHTS = {
    "seats_used": "users:read", "users_active_30d": "users:read", "messages_30d": "health:read",
    "messages_30d_before": "health:read", "api_calls_30d": "health:read", "errors_24h": "errors:read",
    "open_alerts": "alerts:read", "open_tickets": "tickets:read", "mrr": "revenue:read", "revenue_30d": "invoices:read",
}  # fmt: skip
NOW = (*RIGHTS, "currency", "health", "health_reason", "computed_at")
BY_DAY = ("seats_used", "users_active_30d", "messages_30d", "api_calls_30d", "errors_24h", "open_alerts", "open_tickets",
          "mrr", "revenue_30d", "currency")  # fmt: skip


def column(
    actor: Actor, name: str, table: type[TenantSummary | TenantSummaryDay] = TenantSummary
) -> ColumnElement[Any]:
    """The figure, or NULL for an actor who may not see it, so that it cannot be sorted or filtered by either."""
    own: Any = getattr(table, name)
    is_seen = name not in RIGHTS or actor.may(RIGHTS[name])
    return own if is_seen else cast(null(), own.type).label(name)


def one(actor: Actor, tenant_id: UUID) -> dict[str, Any]:
    """The figures of a tenant in sight: NOW. None is unknown, not counted yet, or not for this actor's eyes."""
    require(actor, "tenants:read")
    of_tenant = select(*(column(actor, name) for name in NOW)).where(TenantSummary.tenant_id == tenant_id)
    with read(actor) as rx:
        found = rx.one(of_tenant)
    unknown = dict.fromkeys(NOW) | {"health": "unknown", "health_reason": "It was not counted yet."}
    return found._asdict() if found is not None else unknown


def trend(actor: Actor, tenant_id: UUID, *, days: int = 30, until: datetime | None = None) -> pd.DataFrame:
    """One row per day (UTC) of the last `days`, oldest first: day, and BY_DAY. A day that nobody counted has no row."""
    require(actor, "tenants:read")
    last, table = start_of(until or utc_now(), "day"), TenantSummaryDay
    since = last - timedelta(days=days - 1)
    found = select(table.day, *(column(actor, name, table) for name in BY_DAY)).where(
        table.tenant_id == tenant_id, table.day >= since, table.day <= last
    )
    with read(actor) as rx:
        return rx.frame(found.order_by(table.day))

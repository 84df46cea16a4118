"""Counts the tenants' active people every ten minutes: the past of these counts exists only because it was counted then."""

from datetime import timedelta

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from core.customers.users.models import TenantUser
from core.health.active.models import ActiveUsers
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.tasks import every
from core.kernel.telemetry import record
from core.kernel.times import utc_now

WINDOWS = {"daily": timedelta(days=1), "weekly": timedelta(days=7), "monthly": timedelta(days=30)}


@every("health.active_users", seconds=600)
def count_users(actor: Actor) -> None:
    """One row per tenant for today (UTC); a later count of the day replaces the earlier."""
    now, seen = utc_now(), TenantUser.last_seen_at
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    counts: dict[str, ColumnElement[int]] = {"users": func.count(), "seen": func.count(seen)}
    counts |= {name: func.count().filter(seen > now - length) for name, length in WINDOWS.items()}
    people = (
        select(literal(today).label("day"), TenantUser.tenant_id, literal(now).label("taken_at"), *counts.values())
        .where(TenantUser.deactivated_at.is_(None)).group_by(TenantUser.tenant_id)
    )  # fmt: skip
    rows = insert(ActiveUsers).from_select(["day", "tenant_id", "taken_at", *counts], people)
    replaced = {name: rows.excluded[name] for name in ("taken_at", *counts)}
    with record(actor) as tx:
        retention.make_ready(tx, ActiveUsers.__tablename__, "month", today, today)
        tx.execute(rows.on_conflict_do_update(index_elements=["day", "tenant_id"], set_=replaced))

"""What is known of a tenant's use of the product."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from core.customers.tenants.models import Tenant
from core.customers.users.models import TenantUser
from core.health.requests.models import TENANT_ROLLUP
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Reading, read
from core.kernel.rollups import RollupWatermark
from core.kernel.times import utc_now

DAYS = 30


@dataclass(frozen=True, slots=True)
class Usage:
    """Counts of the last 30 days, today included; None is unknown, also where the actor may not see what is counted.

    `api_calls_30d` are those of the tenant's own API keys, as rolled up at `counted_at` (None: never).
    """

    tenant_id: UUID
    seats: int
    users: int | None
    seats_used: int | None
    users_active_30d: int | None
    api_calls_30d: int | None
    api_errors_30d: int | None
    counted_at: datetime | None


def _people(tenant_id: UUID, since: datetime) -> AnySelect:
    in_service = TenantUser.deactivated_at.is_(None)
    seen = TenantUser.last_seen_at >= since
    counts = (func.count(), func.count().filter(in_service), func.count().filter(seen))
    return select(*counts).where(TenantUser.tenant_id == tenant_id)


def _calls(tenant_id: UUID, today: datetime) -> AnySelect:
    # Each day by its name and not as a range: the index then finds the tenant's few rows of each day.
    table = TENANT_ROLLUP.day.__table__.c
    days = [today - timedelta(days=number) for number in range(DAYS)]
    return select(func.coalesce(func.sum(table.total), 0), func.coalesce(func.sum(table.errors), 0)).where(
        table.bucket.in_(days), table.tenant_id == tenant_id, table.channel == "api"
    )


def usage(actor: Actor, tenant_id: UUID, *, now: datetime | None = None) -> Usage:
    """Raises NotFound for a tenant that is not in sight."""
    require(actor, "tenants:read")
    today = (now or utc_now()).replace(hour=0, minute=0, second=0, microsecond=0)
    with read(actor) as rx:
        seats = rx.value(select(Tenant.seats).where(Tenant.id == tenant_id))
        if seats is None:
            raise NotFound("This tenant does not exist, or is not among those you may see.")
        people = rx.rows(_people(tenant_id, today - timedelta(days=DAYS - 1)))[0]
        counted_at, calls = _counted(rx, tenant_id, today)
    users, used, active = people if actor.may("users:read") else (None, None, None)
    known = actor.may("health:read") and counted_at is not None
    total, errors = (int(calls[0]), int(calls[1])) if known else (None, None)
    return Usage(tenant_id, seats, users, used, active, total, errors, counted_at if known else None)


def _counted(rx: Reading, tenant_id: UUID, today: datetime) -> tuple[datetime | None, tuple[int, int]]:
    moved = rx.value(select(RollupWatermark.moved_at).where(RollupWatermark.rollup == TENANT_ROLLUP.name))
    total, errors = rx.rows(_calls(tenant_id, today))[0]
    return moved, (total, errors)

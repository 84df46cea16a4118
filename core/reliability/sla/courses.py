"""The days behind an overview: how each contract's uptime went, and whose contract it is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.reliability.sla.models import SlaPeriod
from core.reliability.sla.statuses import DAYS


class Course(NamedTuple):
    """The uptime of a contract's last 30 days, oldest first (percent; None: nothing was observed), and of the 30 before
    them as a whole."""

    days: list[float | None]
    before: float | None


def courses(actor: Actor, contract_ids: Sequence[UUID], *, now: datetime | None = None) -> dict[UUID, Course]:
    """By contract."""
    require(actor, "sla:read")
    day, moment = SlaPeriod, now or utc_now()
    found = select(day.contract_id, day.bucket, day.uptime, day.observed_minutes, day.bad_minutes).where(
        day.grain == "day", day.bucket >= moment - timedelta(days=2 * DAYS), day.contract_id.in_(contract_ids)
    )
    with read(actor) as rx:
        rows = rx.rows(found.order_by(day.contract_id, day.bucket))
    since, by_contract = moment - timedelta(days=DAYS), {key: Course([], None) for key in contract_ids}
    for key, some in groupby(rows, lambda row: row.contract_id):
        by_contract[key] = _course(list(some), since)
    return by_contract


def _course(rows: list[Any], since: datetime) -> Course:
    before = [row for row in rows if row.bucket < since]
    seen, bad = sum(row.observed_minutes for row in before), sum(row.bad_minutes for row in before)
    return Course([row.uptime for row in rows if row.bucket >= since], 100 * (seen - bad) / seen if seen else None)


def names(actor: Actor, tenant_ids: Sequence[Any]) -> dict[str, str]:
    """The names of these tenants by their ids, as far as they are in sight."""
    with read(actor) as rx:
        rows = rx.rows(select(Tenant.id, Tenant.name).where(Tenant.id.in_([UUID(str(one)) for one in tenant_ids])))
    return {str(row.id): row.name for row in rows}

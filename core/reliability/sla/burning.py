"""Which error budgets of the month that runs are used up, or are going to be: found before any burn rate is counted."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Integer, cast, func, select

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.reliability.sla.statuses import counting_minutes, judged_until, months_of

MOST = 100


class Burning(NamedTuple):
    """The contracts whose budgets are consumed the most, first, at most MOST; of how many such, and of how many budgets."""

    contract_ids: list[UUID]
    burning: int
    budgets: int


def burning(actor: Actor, share: float) -> Burning:
    """Budgets of which at least `share` (0 to 1) is consumed, and more than nothing."""
    require(actor, "sla:read")
    now = utc_now()
    months = months_of(now)
    month = months.c
    allowed = counting_minutes(month, judged_until(now)) * (100.0 - month.uptime_target) / 100
    consumed = month.month_bad_minutes / func.nullif(allowed, 0.0)
    is_live = month.uptime_target.is_not(None), month.ends_at > judged_until(now)
    found = select(month.contract_id, cast(func.count().over(), Integer).label("burning")).where(
        *is_live, month.month_bad_minutes > 0, consumed >= share
    )
    with read(actor) as rx:
        total = rx.value(select(func.count()).select_from(months).where(*is_live))
        rows = rx.rows(found.order_by(consumed.desc(), month.contract_id).limit(MOST))
    return Burning([row.contract_id for row in rows], rows[0].burning if rows else 0, int(total))

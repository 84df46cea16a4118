"""Looks for uses that crossed a level since somebody was told, and tells. What is told is kept, so a restart repeats nothing."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Date, Float, and_, case, cast, func, or_, select

from core.customers.quotas import levels, rules
from core.customers.quotas.levels import Look
from core.customers.quotas.limits import GONE
from core.customers.quotas.models import IS_LISTED, QuotaLevel, QuotaUsage
from core.customers.quotas.resources import MONTHLY
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import Conflict, Invalid
from core.kernel.logs import get_logger
from core.kernel.reads import read

AT_ONCE = 200  # the others are told by the next look
log = get_logger()


def tell(actor: Actor) -> int:
    """Tells of each use that crossed a level; returns how many. One that fails is looked at again by the next look."""
    looks, told = _crossed(actor), 0
    for look, act in looks:
        try:
            told += act(actor, look) is not None
        except (Conflict, Invalid) as error:
            log.warning("a crossing was left to the next look", tenant_id=str(look.tenant_id), why=str(error))
    return told


def _crossed(actor: Actor) -> list[tuple[Look, Callable[[Actor, Look], Any]]]:
    use, held = QuotaUsage, QuotaLevel
    # A level of last month is over: each month begins with none.
    month = cast(func.date_trunc("month", use.measured_at, "UTC"), Date)
    is_current = or_(use.resource.not_in(MONTHLY), held.period == month)
    stood = func.coalesce(case((is_current, held.level), else_=0), 0)
    is_up = _highest(use.ratio) > stood
    share = case((use.limit_value.is_(None), 0), else_=use.ratio)
    is_lower = and_(stood > 0, share < cast(stood - rules.EASE, Float) / 100)
    columns = (
        use.tenant_id,
        use.resource,
        use.used,
        use.limit_value,
        use.policy,
        use.measured_at,
        is_up.label("is_up"),
    )
    wanted = (
        select(*columns)
        .join(Tenant, and_(Tenant.id == use.tenant_id, Tenant.status.not_in(GONE)))
        .outerjoin(held, and_(held.tenant_id == use.tenant_id, held.resource == use.resource))
        .where(or_(and_(IS_LISTED, is_up), is_lower))
        .order_by(use.ratio.desc().nulls_last(), use.tenant_id).limit(AT_ONCE)
    )  # fmt: skip
    with read(actor) as rx:
        return [_planned(row) for row in rx.rows(wanted)]


def _highest(ratio: Any) -> ColumnElement[int]:
    """The highest level that the ratio is at, 0 for none and for an unknown one."""
    return case(*((ratio >= level / 100, level) for level in reversed(rules.LEVELS)), else_=0)


def _planned(row: Any) -> tuple[Look, Callable[[Actor, Look], Any]]:
    look = Look(row.tenant_id, row.resource, row.used, row.limit_value, row.policy, row.measured_at)
    if not row.is_up:
        return look, levels.ease
    is_over = look.measured.ratio is not None and look.measured.ratio >= 1
    return look, levels.reach if is_over else levels.warn

"""Quotas are measured every minute; overrides and requests whose time is over go; late telemetry is counted at night."""

from datetime import timedelta

from sqlalchemy import func, or_, select

from core.customers.quotas import actions, agreed, measuring, notices, telling
from core.customers.quotas.models import QuotaUpgrade, QuotaUsageDay, TenantQuota
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.rollups import start_of
from core.kernel.tasks import every
from core.kernel.times import utc_now

__all__ = ["agreed", "notices"]

LATE_DAYS, PAST_DAYS = 35, 90


@every("quotas.measure", seconds=60)
def measure(actor: Actor) -> None:
    """Ends what is over, measures every tenant, and tells of levels that were crossed. Harmless when it is run again."""
    _end_what_is_over(actor)
    _begin(actor)
    measuring.measure(actor)
    telling.tell(actor)


def _end_what_is_over(actor: Actor) -> None:
    """Looks before it acts: an action that finds nothing still costs a transaction that writes."""
    lapsed = select(QuotaUpgrade.id).join(Tenant, Tenant.id == QuotaUpgrade.tenant_id)
    is_over = or_(Tenant.tier != QuotaUpgrade.from_plan, Tenant.status.in_(("deleted", "purged")))
    with read(actor) as rx:
        has_expired = rx.value(select(TenantQuota.id).where(TenantQuota.expires_at <= func.now()).limit(1))
        has_lapsed = rx.value(lapsed.where(QuotaUpgrade.outcome == "waiting", is_over).limit(1))
    if has_expired:
        actions.expire_overrides(actor)
    if has_lapsed:
        actions.lapse_upgrades(actor)


def _begin(actor: Actor) -> None:
    """The first time, the days that telemetry is kept of are counted: so there is a course from the first day on."""
    with read(actor) as rx:
        has_begun = rx.value(select(QuotaUsageDay.tenant_id).limit(1))
    if not has_begun:
        _recount(actor, PAST_DAYS)


@every("quotas.recount", cron="40 2 * * *")
def recount(actor: Actor) -> None:
    """Counts the last weeks anew, for what was told late."""
    _recount(actor, LATE_DAYS)


def _recount(actor: Actor, days: int) -> None:
    today = start_of(utc_now(), "day")
    measuring.recount(actor, [today - timedelta(days=number) for number in range(days, 0, -1)])

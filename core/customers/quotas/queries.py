"""Reads of quotas: those of one tenant, who is near or over, overrides that end, and requests that wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import and_, func, or_, select

from core.customers.plans.models import Plan
from core.customers.quotas import deciding, rules
from core.customers.quotas.forecast import Forecast, forecast
from core.customers.quotas.limits import GONE, NAMES, is_in_force, limits
from core.customers.quotas.models import IS_LISTED, QuotaUpgrade, QuotaUsage, QuotaUsageDay, TenantQuota
from core.customers.quotas.resources import ALL, BY_KEY
from core.customers.tenants.models import Tenant
from core.customers.tenants.queries import matches
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, read
from core.kernel.rollups import start_of
from core.kernel.times import utc_now

OUTCOMES = rules.OUTCOMES
SOON = timedelta(days=14)
KEPT = timedelta(days=90)
_OVERRIDE = (
    TenantQuota.reason.label("override_reason"), TenantQuota.expires_at.label("override_expires_at"),
    TenantQuota.set_by_name.label("override_by"), TenantQuota.version.label("override_version"),
)  # fmt: skip


@dataclass(frozen=True)
class Filters:
    """`least` is the share from which a use is listed, a half at least; empty values do not filter."""

    text: str = ""
    resources: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    least: Decimal = Decimal("0.8")
    overridden: bool = False


def of_tenant(actor: Actor, tenant_id: UUID, *, now: datetime | None = None) -> pd.DataFrame:
    """One row per resource, in the order of resources.ALL. Raises NotFound for a tenant that is not in sight.

    Columns: resource, used (NA: unknown), limit_value (NA: none), plan_limit, source (override, seats, plan, none), policy,
    ratio (NA), decision (allowed, throttled, blocked), decision_reason, resets_at, measured_at, override_reason,
    override_expires_at, override_by, override_version (0 without one).
    """
    require(actor, "quotas:read")
    moment = now or utc_now()
    its = and_(QuotaUsage.tenant_id == Tenant.id, QuotaUsage.resource == NAMES.c.resource)
    columns = (QuotaUsage.used, QuotaUsage.measured_at, deciding.latest_upgrade(moment), *_OVERRIDE)
    wanted = limits(moment).outerjoin(QuotaUsage, its).where(Tenant.id == tenant_id).add_columns(*columns)
    with read(actor) as rx:
        rows = {row.resource: row for row in rx.rows(wanted)}
    if not rows:
        raise NotFound("This tenant does not exist, or is not among those you may see.")
    return pd.DataFrame([_told(rows[one.key], moment) for one in ALL])


def _told(row: Any, now: datetime) -> dict[str, Any]:
    resource, used = BY_KEY[str(row.resource)], deciding.current_use(row, now=now)
    answer = deciding.decided(row, amount=deciding.smallest(resource), now=now)
    names = ("resource", "limit_value", "plan_limit", "source", "policy", "measured_at", "upgrade")
    override = {column.key: getattr(row, column.key) for column in _OVERRIDE}
    return {
        **{name: getattr(row, name) for name in names}, **override, "used": used,
        "ratio": rules.ratio_of(used, row.limit_value), "decision": answer.verdict, "decision_reason": answer.reason,
        "resets_at": rules.resets_at(resource, now), "override_version": row.override_version or 0,
    }  # fmt: skip


def courses(actor: Actor, tenant_id: UUID, *, now: datetime | None = None) -> pd.DataFrame:
    """Each day of the last 90 of which anything was kept: resource, day (UTC), amount (NA: unknown), limit_value (NA).

    Oldest first. Of monthly resources the amount is that of the day alone.
    """
    require(actor, "quotas:read")
    today = start_of(now or utc_now(), "day")
    days = [today - timedelta(days=number) for number in range(KEPT.days)]
    kept = QuotaUsageDay
    wanted = select(kept.resource, kept.day, kept.amount, kept.limit_value).where(
        kept.tenant_id == tenant_id, kept.resource.in_(BY_KEY), kept.day.in_(days)
    )
    with read(actor) as rx:
        found = rx.frame(wanted.order_by(kept.resource, kept.day))
    numbers = {name: pd.to_numeric(found[name]).astype("Float64") for name in ("amount", "limit_value")}
    return found.assign(**numbers)


def forecasts(
    actor: Actor, quotas: pd.DataFrame, days: pd.DataFrame, *, now: datetime | None = None
) -> dict[str, Forecast]:
    """By resource, out of what of_tenant and courses returned."""
    require(actor, "quotas:read")
    moment = now or utc_now()
    return {
        str(row.resource): forecast(
            BY_KEY[str(row.resource)], days[days["resource"] == row.resource], used=_number(row.used),
            limit=_number(row.limit_value), now=moment,
        )
        for row in quotas.itertuples()
    }  # fmt: skip


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _near(filters: Filters, now: datetime) -> AnySelect:
    use = QuotaUsage
    override = and_(TenantQuota.tenant_id == use.tenant_id, TenantQuota.resource == use.resource, is_in_force(now))
    columns = (
        use.ratio, use.tenant_id, use.resource, Tenant.name.label("tenant"), Tenant.tier, Tenant.status, use.used,
        use.limit_value, use.source, use.policy, use.measured_at, TenantQuota.expires_at.label("override_expires_at"),
    )  # fmt: skip
    joined = select(*columns).join(Tenant, Tenant.id == use.tenant_id).outerjoin(TenantQuota, override)
    return joined.where(*_conditions(filters), Tenant.status.not_in(GONE))


def _conditions(filters: Filters) -> list[Any]:
    use = QuotaUsage
    made = [IS_LISTED, use.ratio >= float(filters.least)]
    chosen = ((use.resource, filters.resources), (use.policy, filters.policies), (Tenant.tier, filters.tiers))
    made += [column.in_(values) for column, values in chosen if values]
    if filters.overridden:
        made.append(TenantQuota.id.is_not(None))
    return [*made, matches(filters.text)] if filters.text.strip() else made


def near(
    actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50, now: datetime | None = None
) -> Page:
    """One row per tenant and resource that is near its limit or over it, the most used share first.

    Columns: ratio, tenant_id, resource, tenant, tier, status, used, limit_value, source, policy, measured_at,
    override_expires_at (NA without an override, or for one that is for good).
    """
    require(actor, "quotas:read")
    keys = [QuotaUsage.ratio, QuotaUsage.tenant_id, QuotaUsage.resource]
    with read(actor) as rx:
        return rx.page(_near(filters, now or utc_now()), keys=keys, after=after, limit=limit)


def near_statement(filters: Filters, *, now: datetime | None = None) -> AnySelect:
    """What `near` lists, as a whole and in its order, for exports."""
    use = QuotaUsage
    return _near(filters, now or utc_now()).order_by(use.ratio.desc(), use.tenant_id.desc(), use.resource.desc())


def counts(actor: Actor) -> dict[str, int]:
    """How many uses are at 80 to 90, 90 to 100, and 100 % or more: keys 80, 90, 100 as text, in sight of the actor."""
    require(actor, "quotas:read")
    use, edges = QuotaUsage, (0.8, 0.9, 1.0, float(rules.LARGEST_RATIO) + 1)
    parts = [func.count().filter(use.ratio >= least, use.ratio < below) for least, below in pairwise(edges)]
    listed = select(*parts).join(Tenant, Tenant.id == use.tenant_id).where(
        IS_LISTED, use.ratio >= edges[0], Tenant.status.not_in(GONE)
    )  # fmt: skip
    with read(actor) as rx:
        row = rx.rows(listed)[0]
    return dict(zip(("80", "90", "100"), map(int, row), strict=True))


def ending(actor: Actor, *, now: datetime | None = None, limit: int = 100) -> pd.DataFrame:
    """Overrides that end within SOON, the next first; what then counts, and how much is used.

    Columns: tenant_id, tenant, resource, override_limit, plan_limit, used, expires_at, reason, set_by_name.
    """
    require(actor, "quotas:read")
    moment = now or utc_now()
    its = and_(QuotaUsage.tenant_id == Tenant.id, QuotaUsage.resource == NAMES.c.resource)
    soon = (TenantQuota.expires_at > moment, TenantQuota.expires_at <= moment + SOON)
    listed = (
        limits(moment).outerjoin(QuotaUsage, its)
        .with_only_columns(
            Tenant.id.label("tenant_id"), Tenant.name.label("tenant"), NAMES.c.resource,
            TenantQuota.limit_value.label("override_limit"), _plan_limit(), QuotaUsage.used, TenantQuota.expires_at,
            TenantQuota.reason, TenantQuota.set_by_name,
        )
        .where(*soon, Tenant.status.not_in(GONE)).order_by(TenantQuota.expires_at, TenantQuota.id)
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(listed, limit=limit)


def _plan_limit() -> Any:
    return limits(utc_now()).selected_columns["plan_limit"]


def upgrades(
    actor: Actor, *, outcomes: tuple[str, ...] = ("waiting",), tenant_id: UUID | None = None, limit: int = 100
) -> pd.DataFrame:
    """Requests for larger plans, the oldest that waits first, else the newest.

    Columns: id, tenant_id, tenant, resource, from_plan, to_plan, used, limit_value, reason, requested_by, requested_by_name,
    created_at, outcome, decided_at, decided_by_name, decision_reason, version, price_before, price_after (a month), currency.
    """
    require(actor, "quotas:read")
    request, before, then = QuotaUpgrade, Plan.__table__.alias("before"), Plan.__table__.alias("after")
    names = ("id", "tenant_id", "resource", "from_plan", "to_plan", "used", "limit_value", "reason", "requested_by",
             "requested_by_name", "created_at", "outcome", "decided_at", "decided_by_name", "decision_reason",
             "version")  # fmt: skip
    prices = (before.c.price_monthly.label("price_before"), then.c.price_monthly.label("price_after"), then.c.currency)
    listed = (
        select(*(getattr(request, name) for name in names), Tenant.name.label("tenant"), *prices)
        .join(Tenant, Tenant.id == request.tenant_id)
        .outerjoin(before, before.c.key == request.from_plan).outerjoin(then, then.c.key == request.to_plan)
        .where(request.outcome.in_(outcomes))
    )  # fmt: skip
    if tenant_id is not None:
        listed = listed.where(request.tenant_id == tenant_id)
    is_inbox = outcomes == ("waiting",)
    order = (request.created_at, request.id) if is_inbox else (request.created_at.desc(), request.id.desc())
    with read(actor) as rx:
        return rx.frame(listed.order_by(*order), limit=limit)


def waiting(actor: Actor) -> int:
    """How many requests wait that the actor may decide: those of others."""
    require(actor, "quotas:approve")
    request = QuotaUpgrade
    others = or_(request.requested_by.is_(None), request.requested_by != actor.id)
    with read(actor) as rx:
        return int(rx.value(select(func.count()).where(request.outcome == "waiting", others)) or 0)

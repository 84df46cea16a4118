"""The answer for the product: may this tenant use more of that? One statement, read by keys."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select

from core.customers.quotas import rules
from core.customers.quotas.limits import NAMES, limits
from core.customers.quotas.models import QuotaUpgrade, QuotaUsage
from core.customers.quotas.resources import BY_KEY, Resource
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now


@dataclass(frozen=True, slots=True)
class Check:
    """`used` was measured at `measured_at`, a minute ago at most as a rule; None is unknown. `limit` None is no limit, and
    counts as of this moment. `remaining` is what is left, 0 at least. `resets_at` is None for what does not begin anew."""

    tenant_id: UUID
    resource: str
    decision: rules.Verdict
    reason: str
    policy: str
    limit: Decimal | None
    used: Decimal | None
    remaining: Decimal | None
    resets_at: datetime | None
    measured_at: datetime | None


def smallest(resource: Resource) -> Decimal:
    """The least that can be used of it."""
    return Decimal("0.01") if resource.unit == "USD" else Decimal(1)


def decided(row: Any, *, amount: Decimal, now: datetime) -> rules.Decision:
    """Of a row with resource, policy, used, limit_value, measured_at, upgrade. A look of last month says nothing of this one.

    Then the count has just begun anew: nothing is used.
    """
    used = current_use(row, now=now)
    return rules.decide(row.policy, used, row.limit_value, amount, upgrade=row.upgrade)


def current_use(row: Any, *, now: datetime) -> Decimal | None:
    resource = BY_KEY[row.resource]
    is_past = row.measured_at is not None and resource.is_monthly and row.measured_at < rules.month_of(now)
    return Decimal(0) if is_past and row.used is not None else row.used


def latest_upgrade(now: datetime) -> Any:
    """The outcome of the last request of this month for the row's tenant and resource."""
    request = QuotaUpgrade
    is_its = and_(request.tenant_id == Tenant.id, request.resource == NAMES.c.resource)
    since = request.created_at >= rules.month_of(now)
    latest = select(request.outcome).where(is_its, since).order_by(request.created_at.desc(), request.id.desc())
    return latest.limit(1).correlate(Tenant, NAMES).scalar_subquery().label("upgrade")


def check(
    actor: Actor, tenant_id: UUID, resource: str, *, amount: Decimal | None = None, now: datetime | None = None
) -> Check:
    """Whether `amount` more (the least there is, when it is not said) may be used. Raises Invalid, NotFound."""
    require(actor, "quotas:read")
    kind, moment = rules.resource_of(resource), now or utc_now()
    its = and_(QuotaUsage.tenant_id == Tenant.id, QuotaUsage.resource == NAMES.c.resource)
    wanted = (
        limits(moment).outerjoin(QuotaUsage, its).where(Tenant.id == tenant_id, NAMES.c.resource == resource)
        .add_columns(QuotaUsage.used, QuotaUsage.measured_at, latest_upgrade(moment), Tenant.status)
    )  # fmt: skip
    with read(actor, timeout_ms=1_000) as rx:
        row = rx.one(wanted)
    if row is None or row.status == "purged":
        raise NotFound("This tenant does not exist, or is not among those you may see.")
    answer = _in_service(row.status) or decided(row, amount=amount or smallest(kind), now=moment)
    used, limit = current_use(row, now=moment), row.limit_value
    remaining = max(limit - used, Decimal(0)) if limit is not None and used is not None else None
    ends = rules.resets_at(kind, moment)
    return Check(
        tenant_id, resource, answer.verdict, answer.reason, row.policy, limit, used, remaining, ends, row.measured_at
    )


def _in_service(status: str) -> rules.Decision | None:
    """None for a tenant in service; what is suspended or deleted uses nothing."""
    is_in_service = status in ("active", "trial")
    return None if is_in_service else rules.Decision("blocked", f"The tenant is {status}.")

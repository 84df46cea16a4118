"""What limits tenants: the override in force, else the plan; of users, the seats of the subscription. In SQL, for many."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Select,
    Text,
    and_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from core.customers.plans.models import Plan
from core.customers.quotas.models import TenantQuota
from core.customers.quotas.resources import RESOURCES
from core.customers.tenants.models import Tenant

GONE = ("deleted", "purged")
# A function and not VALUES, which SQLAlchemy would compile anew each time.
NAMES = (
    func.unnest(cast(list(RESOURCES), ARRAY(Text)))
    .table_valued(column("resource", Text), name="named")
    .render_derived()
)


def is_in_force(now: datetime) -> ColumnElement[bool]:
    """The condition that an override counts."""
    return or_(TenantQuota.expires_at.is_(None), TenantQuota.expires_at > now)


def limits(now: datetime) -> Select[Any]:
    """One row per tenant and resource: tenant_id, resource, limit_value (NULL: none), plan_limit, source, policy.

    A plan that does not name a resource does not limit it. Narrow it by Tenant.id and NAMES.c.resource.
    """
    name = NAMES.c.resource
    of_plan = case(
        (name == "users", cast(Tenant.seats, Numeric)),
        else_=cast(Plan.limits[name].astext, Numeric),
    )
    source = case(
        (TenantQuota.id.is_not(None), "override"), (name == "users", "seats"),
        (Plan.limits.has_key(name), "plan"), else_="none",
    )  # fmt: skip
    return (
        select(
            Tenant.id.label("tenant_id"), name.label("resource"),
            case((TenantQuota.id.is_not(None), TenantQuota.limit_value), else_=of_plan).label("limit_value"),
            of_plan.label("plan_limit"), source.label("source"),
            func.coalesce(Plan.quota_policy[name].astext, literal("notify")).label("policy"),
        )
        .select_from(Tenant)
        .join(NAMES, literal(True))
        .outerjoin(Plan, Plan.key == Tenant.tier)
        .outerjoin(TenantQuota, and_(TenantQuota.tenant_id == Tenant.id, TenantQuota.resource == name, is_in_force(now)))
    )  # fmt: skip

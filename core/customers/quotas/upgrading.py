"""The steps about larger plans that asking, deciding and reaching a quota share; each within somebody's transaction."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Numeric, cast, func, or_, select

from core.customers.plans.models import Plan
from core.customers.quotas.models import QuotaUpgrade
from core.customers.quotas.resources import Resource
from core.customers.tenants.models import Tenant
from core.kernel.writes import Transaction


def larger_plan(tx: Transaction, plan_key: str, resource: Resource, used: Decimal | None) -> Plan | None:
    """The next public plan above this one that has room for the use; of users, by the seats that it includes."""
    position = select(Plan.position).where(Plan.key == plan_key).scalar_subquery()
    room: Any = Plan.seats if resource.key == "users" else cast(Plan.limits[resource.key].astext, Numeric)
    has_room = or_(room.is_(None), room > func.coalesce(used, 0))
    above = select(Plan).where(Plan.is_public, Plan.position > position, has_room).order_by(Plan.position).limit(1)
    return tx.session.scalars(above).first()


def waiting_of(tx: Transaction, tenant_id: UUID) -> QuotaUpgrade | None:
    """The request that waits; two who ask at the same time come one after the other."""
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"quota_upgrade:{tenant_id}", 24))))
    waits = select(QuotaUpgrade).where(QuotaUpgrade.tenant_id == tenant_id, QuotaUpgrade.outcome == "waiting")
    return tx.session.scalars(waits).first()


def ask(
    tx: Transaction, tenant: Tenant, resource: Resource, plan: Plan, *, reason: str, used: Decimal | None, limit: Decimal | None
) -> QuotaUpgrade:  # fmt: skip
    """Makes the request, by whoever acts."""
    return tx.add(
        QuotaUpgrade(
            tenant_id=tenant.id, resource=resource.key, from_plan=tenant.tier, to_plan=plan.key, used=used, limit_value=limit,
            reason=reason, requested_by=tx.actor.id, requested_by_name=tx.actor.name,
        )
    )  # fmt: skip


def decide(tx: Transaction, request: QuotaUpgrade, outcome: str, reason: str | None) -> None:
    request.outcome, request.decided_at, request.decision_reason = outcome, tx.now, reason
    request.decided_by, request.decided_by_name = tx.actor.id, tx.actor.name
    tx.note(resource=request.resource, from_plan=request.from_plan, to_plan=request.to_plan)

"""What people do with quotas: limits of a tenant's own, and larger plans that one asks for and another decides on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from core.customers.quotas import following, rules, upgrading
from core.customers.quotas.limits import NAMES, limits
from core.customers.quotas.models import QuotaUpgrade, QuotaUsage, TenantQuota
from core.customers.quotas.resources import Resource
from core.customers.tenants.models import Tenant
from core.customers.tenants.rules import require_editable
from core.kernel.actor import Actor
from core.kernel.errors import Conflict, Denied, Invalid, NotFound
from core.kernel.writes import Transaction, conflict, write

AT_ONCE = 500


def set_override(
    actor: Actor, tenant_id: UUID, resource: str, *, limit: Any, reason: str, expires_at: datetime | None = None,
    version: int | None = None, is_confirmed: bool = False,
) -> TenantQuota:  # fmt: skip
    """Gives a tenant a limit of its own, None for no limit; one that it has already is replaced. `version` 0 is no override.

    Raises ConfirmationNeeded for a limit that is used up already unless `is_confirmed`; Invalid, NotFound, Conflict.
    """
    kind = rules.resource_of(resource)
    with write(actor, "quotas.set_override", reason=reason) as tx:
        values = {
            "limit_value": rules.clean_limit(limit), "reason": rules.clean_reason(reason),
            "expires_at": rules.clean_expiry(expires_at, now=tx.now), "set_by": actor.id, "set_by_name": actor.name,
            "contract_id": None,
        }  # fmt: skip
        require_editable(tx.get(Tenant, tenant_id).status)
        row = _locked(tx, tenant_id, resource)
        _require_version(row, version)
        _require_meant(tx, tenant_id, kind, values["limit_value"], is_confirmed=is_confirmed)
        tx.note(resource=resource, limit=values["limit_value"], expires_at=values["expires_at"])
        if row is None:
            return tx.add(TenantQuota(tenant_id=tenant_id, resource=resource, **values))
        for name, value in values.items():
            setattr(row, name, value)
        return row


def clear_override(
    actor: Actor, tenant_id: UUID, resource: str, *, reason: str, version: int | None = None, is_confirmed: bool = False
) -> None:
    """Lets the plan decide again. Raises NotFound without an override; else as set_override."""
    kind = rules.resource_of(resource)
    with write(actor, "quotas.clear_override", reason=reason) as tx:
        row = _locked(tx, tenant_id, resource)
        if row is None:
            raise NotFound("This tenant has no override of this quota, or is not among those you may see.")
        _require_version(row, version)
        if row.contract_id is not None:
            raise Invalid(
                "This limit follows from the tenant's contract. Amend the contract, or set another limit here."
            )
        tx.note(resource=resource, limit_before=row.limit_value)
        tx.delete(row)
        tx.session.flush()
        of_plan = limits(tx.now).where(Tenant.id == tenant_id, NAMES.c.resource == resource)
        found = tx.session.execute(of_plan).one()
        _require_meant(tx, tenant_id, kind, found.limit_value, is_confirmed=is_confirmed)


def _locked(tx: Transaction, tenant_id: UUID, resource: str) -> TenantQuota | None:
    """The override, locked; two who set the same one come one after the other, also where there is none yet."""
    tx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{tenant_id}:{resource}", 24))))
    own = select(TenantQuota).where(TenantQuota.tenant_id == tenant_id, TenantQuota.resource == resource)
    return tx.session.scalars(own.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _require_version(row: TenantQuota | None, version: int | None) -> None:
    present = row.version if row else 0
    if version is None or version == present:
        return
    if row is None:
        raise Conflict("This override was cleared while you edited it. Look at the limit that counts now.")
    raise conflict(TenantQuota, row.id, since=version, current=present)


def _require_meant(tx: Transaction, tenant_id: UUID, kind: Resource, limit: Any, *, is_confirmed: bool) -> None:
    usage = select(QuotaUsage.used, QuotaUsage.policy).where(
        QuotaUsage.tenant_id == tenant_id, QuotaUsage.resource == kind.key
    )
    found = tx.session.execute(usage).first()
    told = following.consequence(kind, found.policy, found.used, limit, now=tx.now) if found else None
    following.require_confirmed(told, is_confirmed=is_confirmed)


def expire_overrides(actor: Actor) -> int:
    """Removes overrides whose time is over, at most 500 at once; they stopped to count at that time already."""
    with write(actor, "quotas.expire_overrides") as tx:
        over = select(TenantQuota).where(TenantQuota.expires_at <= tx.now).order_by(TenantQuota.id).limit(AT_ONCE)
        rows = list(tx.session.scalars(over.with_for_update(skip_locked=True)))
        for row in rows:
            tx.delete(row)
        tx.note(resources=sorted({row.resource for row in rows}))
    return len(rows)


def request_upgrade(actor: Actor, tenant_id: UUID, resource: str, *, reason: str) -> QuotaUpgrade:
    """Asks for the next plan with room for what is used. Raises Invalid when there is none, or a request waits already."""
    kind = rules.resource_of(resource)
    with write(actor, "quotas.request_upgrade", reason=reason) as tx:
        tenant = tx.get(Tenant, tenant_id)
        require_editable(tenant.status)
        waits = upgrading.waiting_of(tx, tenant_id)
        if waits is not None:
            raise Invalid(
                f"A request by {waits.requested_by_name} for this tenant waits already. Decide on that one first."
            )
        usage = tx.session.get(QuotaUsage, (tenant_id, resource))
        used, limit = (usage.used, usage.limit_value) if usage else (None, None)
        plan = upgrading.larger_plan(tx, tenant.tier, kind, used)
        if plan is None:
            raise Invalid("No larger plan has room for what is used. Set an override, or talk with the customer.")
        tx.note(resource=resource, from_plan=tenant.tier, to_plan=plan.key)
        return upgrading.ask(tx, tenant, kind, plan, reason=rules.clean_reason(reason), used=used, limit=limit)


def approve_upgrade(actor: Actor, request_id: UUID, *, version: int | None = None) -> QuotaUpgrade:
    """Lets the tenant have the larger plan; its subscription is changed right afterwards.

    Raises Denied for one's own request, Invalid when it is decided or the tenant has another plan by now, Conflict.
    """
    with write(actor, "quotas.approve_upgrade") as tx:
        request = _to_decide(tx, actor, request_id, version)
        tenant = tx.get(Tenant, request.tenant_id)
        require_editable(tenant.status)
        if tenant.tier != request.from_plan:
            raise Invalid(
                f"The tenant has the plan {tenant.tier} by now, and not {request.from_plan}. Reject this request."
            )
        upgrading.decide(tx, request, "approved", None)
    return request


def reject_upgrade(actor: Actor, request_id: UUID, *, reason: str, version: int | None = None) -> QuotaUpgrade:
    """Leaves the tenant at its plan and says why. Raises Denied for one's own request, Invalid when it is decided."""
    with write(actor, "quotas.reject_upgrade", reason=reason) as tx:
        request = _to_decide(tx, actor, request_id, version)
        upgrading.decide(tx, request, "rejected", rules.clean_reason(reason))
    return request


def _to_decide(tx: Transaction, actor: Actor, request_id: UUID, version: int | None) -> QuotaUpgrade:
    request = tx.lock(QuotaUpgrade, request_id, version=version)
    rules.require_waiting(request.outcome)
    rules.require_other(request.requested_by, actor.operator_id)
    return request


def withdraw_upgrade(actor: Actor, request_id: UUID) -> QuotaUpgrade:
    """Takes one's own request back. Raises Denied for another's, Invalid when it is decided."""
    with write(actor, "quotas.withdraw_upgrade") as tx:
        request = tx.lock(QuotaUpgrade, request_id)
        rules.require_waiting(request.outcome)
        if actor.id is None or request.requested_by != actor.id:
            raise Denied("Only who asked can withdraw a request; who approves quotas can reject it.")
        upgrading.decide(tx, request, "withdrawn", None)
    return request


def lapse_upgrades(actor: Actor) -> int:
    """Ends requests of tenants that have another plan by now, or are gone. Returns how many."""
    with write(actor, "quotas.lapse_upgrades") as tx:
        moved = select(Tenant.id).where(
            Tenant.id == QuotaUpgrade.tenant_id,
            (Tenant.tier != QuotaUpgrade.from_plan) | Tenant.status.in_(("deleted", "purged")),
        )
        over = update(QuotaUpgrade).where(QuotaUpgrade.outcome == "waiting", moved.exists())
        values = {"outcome": "lapsed", "decided_at": tx.now, "decided_by_name": actor.name, "updated_at": tx.now}
        return tx.bulk(over.values(version=QuotaUpgrade.version + 1, **values))

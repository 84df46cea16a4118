"""What can be done with a tenant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.customers.tenants import rules
from core.customers.tenants.models import Tenant, TenantAssignment, TenantNotice
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.writes import Transaction, conflict, write


@dataclass(frozen=True, slots=True)
class Edit:
    """One row of the grid: the columns that were changed, and the version they were changed from."""

    tenant_id: UUID
    version: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one Edit; `problem` is None when it was saved."""

    tenant_id: UUID
    problem: str | None


def create(
    actor: Actor, *, name: str, domain: str, tier: str, region: str, seats: int, once: str | None = None
) -> Tenant:
    """Makes an active tenant. Raises Invalid naming every bad field, also for a domain in use."""
    values = rules.clean({"name": name, "domain": domain, "tier": tier, "region": region, "seats": seats})
    with write(actor, "tenants.create", once=once) as tx:
        return tx.add(Tenant(**values, status="active"))


def _apply(tenant: Tenant, values: Mapping[str, Any]) -> None:
    rules.require_editable(tenant.status)
    for field, value in rules.clean(values).items():
        setattr(tenant, field, value)


def update(actor: Actor, tenant_id: UUID, *, version: int, **values: Any) -> Tenant:
    """Changes name, domain, tier, region or seats. Raises Invalid, NotFound, Conflict."""
    with write(actor, "tenants.update") as tx:
        tenant = tx.lock(Tenant, tenant_id, version=version)
        _apply(tenant, values)
    return tenant


def update_many(actor: Actor, edits: list[Edit]) -> list[Outcome]:
    """Saves the edits of a grid in one transaction, each on its own: one that cannot be saved does not stop the others.

    The outcome of each edit says why it was not saved, so that the grid can keep it.
    """
    with write(actor, "tenants.update_many") as tx:
        rows = {row.id: row for row in tx.lock_many(Tenant, [edit.tenant_id for edit in edits])}
        return [_edit(tx, rows.get(edit.tenant_id), edit) for edit in edits]


def _edit(tx: Transaction, tenant: Tenant | None, edit: Edit) -> Outcome:
    with tx.attempt() as attempt:
        if tenant is None:
            raise NotFound("This tenant does not exist any more, or is not among those you may see.")
        if tenant.version != edit.version:
            raise conflict(Tenant, tenant.id, since=edit.version, current=tenant.version)
        _apply(tenant, edit.values)
    return Outcome(edit.tenant_id, str(attempt.problem) if attempt.problem else None)


def suspend(actor: Actor, tenant_id: UUID, *, reason: str, version: int | None = None) -> Tenant:
    """Suspends an active tenant or one on trial; its administrators are told. Raises Invalid, NotFound, Conflict."""
    with write(actor, "tenants.suspend", reason=reason) as tx:
        tenant = tx.lock(Tenant, tenant_id, version=version)
        rules.require_suspendable(tenant.status)
        tx.note(previous_status=tenant.status)
        tenant.status, tenant.suspension_reason = "suspended", reason.strip()
        tenant.suspended_at, tenant.suspended_by = tx.now, actor.operator_id
    return tenant


def reactivate(actor: Actor, tenant_id: UUID, *, version: int | None = None) -> Tenant:
    """Makes a suspended tenant active again; its administrators are told. Raises Invalid, NotFound, Conflict."""
    with write(actor, "tenants.reactivate") as tx:
        tenant = tx.lock(Tenant, tenant_id, version=version)
        rules.require_suspended(tenant.status)
        tenant.status, tenant.suspension_reason = "active", None
        tenant.suspended_at = tenant.suspended_by = None
    return tenant


def delete(actor: Actor, tenant_id: UUID, *, reason: str, version: int | None = None) -> Tenant:
    """Takes a tenant out of use; `restore` brings it back. Raises Invalid, NotFound, Conflict."""
    with write(actor, "tenants.delete", reason=reason) as tx:
        tenant = tx.lock(Tenant, tenant_id, version=version)
        rules.require_editable(tenant.status)
        tx.note(previous_status=tenant.status)
        tenant.status = "deleted"
    return tenant


def restore(actor: Actor, tenant_id: UUID, *, version: int | None = None) -> Tenant:
    """Brings a deleted tenant back: suspended if it was suspended when it was deleted, else active.

    Raises Invalid, NotFound, Conflict.
    """
    with write(actor, "tenants.restore") as tx:
        tenant = tx.lock(Tenant, tenant_id, version=version)
        rules.require_deleted(tenant.status)
        tenant.status = "suspended" if tenant.suspended_at else "active"
    return tenant


def assign_operator(actor: Actor, tenant_id: UUID, *, operator_id: UUID) -> None:
    """Lets an operator of the scope `assigned` see the tenant. Does nothing when that is so already."""
    with write(actor, "tenants.assign_operator") as tx:
        tx.get(Tenant, tenant_id)
        if tx.session.get(TenantAssignment, (operator_id, tenant_id)) is None:
            tx.add(TenantAssignment(operator_id=operator_id, tenant_id=tenant_id))


def unassign_operator(actor: Actor, tenant_id: UUID, *, operator_id: UUID) -> None:
    """Takes the tenant out of the operator's sight. Raises NotFound when it was not in it."""
    with write(actor, "tenants.unassign_operator") as tx:
        tx.delete(tx.get(TenantAssignment, (operator_id, tenant_id)))


def queue_notice(
    actor: Actor, tenant_id: UUID, *, event_id: UUID, subject: str, body: str, recipients: list[str]
) -> TenantNotice:
    """Queues one mail to the tenant's administrators, once per event. Raises AlreadyDone the second time."""
    with write(actor, "tenants.queue_notice", once=f"tenants.notice:{event_id}") as tx:
        known = {"event_id": event_id, "subject": subject, "body": body, "recipients": recipients}
        outcome = "queued" if recipients else "no recipient"
        notice = tx.add(TenantNotice(tenant_id=tenant_id, outcome=outcome, **known))
        if recipients:
            tx.session.flush()
            tx.enqueue("tenants.send_notice", notice_id=str(notice.id))
    return notice


def mark_notice(actor: Actor, notice_id: UUID, *, outcome: str, error: str | None = None) -> None:
    """Keeps what became of a notice."""
    with write(actor, "tenants.mark_notice") as tx:
        notice = tx.lock(TenantNotice, notice_id)
        notice.outcome, notice.error, notice.finished_at = outcome, error, tx.now

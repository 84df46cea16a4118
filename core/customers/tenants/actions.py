"""What can be done with a tenant."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from core.customers.subscriptions import steps as subscriptions
from core.customers.tenants import noticing, rules
from core.customers.tenants.colleagues import require_colleague
from core.customers.tenants.models import Tenant, TenantAssignment, TenantNotice
from core.customers.users import inviting
from core.customers.users.models import TenantUser
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.writes import write


@dataclass(frozen=True, slots=True)
class Owner:
    """The person of the tenant's own who answers for it."""

    name: str
    email: str


def create(  # noqa: PLR0913  (all that a new customer is)
    actor: Actor, *, name: str, domain: str, tier: str, region: str, seats: int, interval: str = "monthly",
    trial_ends_on: date | None = None, owner: Owner | None = None, once: str | None = None,
) -> Tenant:  # fmt: skip
    """Makes a tenant with its subscription and its owner, who is invited: on trial when the trial's end is given, else active.

    Raises Invalid naming every bad field, also for a domain in use.
    """
    values = rules.clean({"name": name, "domain": domain, "tier": tier, "region": region, "seats": seats})
    person = rules.clean_owner(owner.name, owner.email) if owner else None
    with write(actor, "tenants.create", once=once) as tx:
        rules.require_future(trial_ends_on, tx.now.date())
        status, owner_id = "trial" if trial_ends_on else "active", uuid7() if person else None
        tenant = tx.add(Tenant(**values, status=status, trial_ends_on=trial_ends_on, owner_id=owner_id))
        tx.session.flush()
        subscriptions.begin(tx, tenant, tier, interval, trial_ends_on)
        if person:
            inviting.invite(tx, tx.add(
                TenantUser(id=owner_id, tenant_id=tenant.id, name=person[0], email=person[1], is_admin=True)
            ))  # fmt: skip
    return tenant


def update(actor: Actor, tenant_id: UUID, *, version: int, **values: Any) -> Tenant:
    """Changes name, domain, region, tags or the operator who answers for it. Raises Invalid, NotFound, Conflict."""
    cleaned = rules.clean_edit(values)
    require_colleague(cleaned.get("csm_id"))
    with write(actor, "tenants.update") as tx:
        tenant = tx.lock(Tenant, tenant_id, version=version)
        rules.require_editable(tenant.status)
        for field, value in cleaned.items():
            setattr(tenant, field, value)
    return tenant


def suspend(actor: Actor, tenant_id: UUID, *, reason: str, version: int | None = None) -> Tenant:
    """Suspends an active tenant or one on trial; its administrators are told, and its campaigns pause.

    Raises Invalid, NotFound, Conflict.
    """
    with write(actor, "tenants.suspend", reason=reason) as tx:
        tenant = tx.lock(Tenant, tenant_id, version=version)
        rules.require("suspend", tenant.status)
        tx.note(previous_status=tenant.status)
        tenant.status, tenant.suspension_reason = "suspended", reason.strip()
        tenant.suspended_at, tenant.suspended_by = tx.now, actor.operator_id
    return tenant


def reactivate(actor: Actor, tenant_id: UUID, *, version: int | None = None) -> Tenant:
    """Makes a suspended tenant active again, or puts it back on its trial; its administrators are told.

    Raises Invalid, NotFound, Conflict.
    """
    with write(actor, "tenants.reactivate") as tx:
        tenant = tx.lock(Tenant, tenant_id, version=version)
        rules.require("reactivate", tenant.status)
        tenant.status, tenant.suspension_reason = subscriptions.status_after(tx, tenant_id), None
        tenant.suspended_at = tenant.suspended_by = None
    return tenant


def delete(actor: Actor, tenant_id: UUID, *, reason: str, version: int | None = None) -> Tenant:
    """Takes a tenant out of use and cancels its subscription; `restore` brings it back for 30 days, then it is purged.

    Raises Invalid, NotFound, Conflict.
    """
    with write(actor, "tenants.delete", reason=reason) as tx:
        tenant = tx.lock(Tenant, tenant_id, version=version)
        rules.require("delete", tenant.status)
        tx.note(previous_status=tenant.status)
        tenant.status, tenant.deletion_reason = "deleted", reason.strip()
        tenant.deleted_at, tenant.deleted_by = tx.now, actor.operator_id
        tenant.purge_after = tx.now + rules.GRACE
        subscriptions.end(tx, tenant_id, "The tenant was deleted")
    return tenant


def restore(actor: Actor, tenant_id: UUID, *, version: int | None = None) -> Tenant:
    """Brings a deleted tenant and its subscription back: suspended if it was so when it was deleted.

    Raises Invalid, also once its days of grace are over; NotFound, Conflict.
    """
    with write(actor, "tenants.restore") as tx:
        tenant = tx.lock(Tenant, tenant_id, version=version)
        rules.require("restore", tenant.status)
        rules.require_within_grace(tenant.purge_after, tx.now)
        subscriptions.resume(tx, tenant_id)
        tx.session.flush()
        tenant.status = "suspended" if tenant.suspended_at else subscriptions.status_after(tx, tenant_id)
        tenant.deleted_at = tenant.deleted_by = tenant.deletion_reason = tenant.purge_after = None
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
        return noticing.queue(tx, tenant_id, event_id=event_id, subject=subject, body=body, recipients=recipients)


def mark_notice(actor: Actor, notice_id: UUID, *, outcome: str, error: str | None = None) -> None:
    """Keeps what became of a notice."""
    with write(actor, "tenants.mark_notice") as tx:
        notice = tx.lock(TenantNotice, notice_id)
        notice.outcome, notice.error, notice.finished_at = outcome, error, tx.now

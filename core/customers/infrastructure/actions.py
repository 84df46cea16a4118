"""What can be done with dedicated infrastructure, its checklist and the residency rule."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.access.operators.models import Operator
from core.customers.infrastructure import checklist, included, regions, residency, rules
from core.customers.infrastructure.models import Infrastructure, InfrastructureStep
from core.customers.infrastructure.residency import Cause
from core.customers.tenants.models import Tenant
from core.customers.tenants.queries import require_bindable
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.reads import read
from core.kernel.writes import Transaction, write

UNCHANGED: Any = object()


def create(actor: Actor, tenant_id: UUID, *, once: str | None = None, **values: Any) -> Infrastructure:
    """Requests infrastructure for a tenant, with a checklist from the template. Values: rules.FIELDS; unknown stays None.

    Raises Invalid naming every bad field, also for what looks like a secret, for a database that is in use and for a tenant
    whose plan does not include it; NotFound.
    """
    with write(actor, "infrastructure.create", once=once) as tx:
        cleaned = rules.clean({"provider": None, "region": None} | values)
        cleaned["region_group"] = regions.settled_group(
            cleaned["provider"], cleaned["region"], cleaned.get("region_group")
        )
        require_bindable(actor, tenant_id)
        included.require_included(actor, tenant_id)
        row = tx.add(Infrastructure(tenant_id=tenant_id, requested_by_name=actor.name, status="requested", **cleaned))
        tx.session.flush()
        tx.add_all(_steps(row, tx.now))
        _judge(tx, row, f"requested in {row.region}")
    return row


def _steps(row: Infrastructure, now: datetime) -> list[InfrastructureStep]:
    return [
        InfrastructureStep(
            infrastructure_id=row.id, tenant_id=row.tenant_id, position=position, key=one.key, title=one.title,
            about=one.about, team=one.team, is_required=one.is_required, due_on=now.date() + timedelta(days=one.days),
        )
        for position, one in enumerate(checklist.TEMPLATE)
    ]  # fmt: skip


def _judge(tx: Transaction, row: Infrastructure, told: str) -> None:
    """The tenant's region is read as the portal itself: who keeps infrastructure need not see the rest of the tenant."""
    with read(Actor.system("infrastructure", request_id=tx.actor.request_id)) as rx:
        region = rx.value(select(Tenant.region).where(Tenant.id == row.tenant_id))
    residency.judge(tx, row, region, Cause(told, tx.actor.name, tx.now))


def update(actor: Actor, infrastructure_id: UUID, *, version: int | None = None, **values: Any) -> Infrastructure:
    """Changes rules.FIELDS; None is unknown. A region in the list brings its group along.

    Raises Invalid, NotFound, Conflict.
    """
    with write(actor, "infrastructure.update") as tx:
        row = tx.lock(Infrastructure, infrastructure_id, version=version)
        rules.require("update", row.status)
        cleaned = rules.clean(values)
        cleaned["region_group"] = _group(row, cleaned)
        for field, value in cleaned.items():
            setattr(row, field, value)
        if row.status == "ready":
            rules.require_known({name: getattr(row, name) for name in ("host", "database_name", "region_group")})
        _judge(tx, row, f"the record says {row.region} now")
    return row


def _group(row: Infrastructure, cleaned: dict[str, Any]) -> str | None:
    """The group after the change; what was declared for an unlisted region holds as long as the region does."""
    place = cleaned.get("provider", row.provider), cleaned.get("region", row.region)
    kept = row.region_group if place == (row.provider, row.region) else None
    return regions.settled_group(*place, cleaned.get("region_group", kept))


def start(actor: Actor, infrastructure_id: UUID, *, version: int | None = None) -> Infrastructure:
    """Provisioning begins. Raises Invalid, NotFound, Conflict."""
    with write(actor, "infrastructure.start") as tx:
        row = tx.lock(Infrastructure, infrastructure_id, version=version)
        rules.require("start", row.status)
        row.status = "provisioning"
    return row


def make_ready(actor: Actor, infrastructure_id: UUID, *, version: int | None = None) -> Infrastructure:
    """The tenant can use it from now on. Raises Invalid while a required step is not done or it is unknown where it is."""
    with write(actor, "infrastructure.make_ready") as tx:
        row = tx.lock(Infrastructure, infrastructure_id, version=version)
        rules.require("make_ready", row.status)
        columns = (InfrastructureStep.title, InfrastructureStep.state, InfrastructureStep.is_required)
        mine = (
            select(*columns).where(InfrastructureStep.infrastructure_id == row.id).order_by(InfrastructureStep.position)
        )
        checklist.require_complete((title, state, needed) for title, state, needed in tx.session.execute(mine))
        rules.require_known({name: getattr(row, name) for name in ("host", "database_name", "region_group")})
        row.status, row.provisioned_at = "ready", tx.now
    return row


def retire(actor: Actor, infrastructure_id: UUID, *, reason: str, version: int | None = None) -> Infrastructure:
    """It is no longer used; the record stays. Raises Invalid, NotFound, Conflict, ReasonRequired."""
    told = rules.clean_text("reason", reason, 500) or ""
    with write(actor, "infrastructure.retire", reason=told) as tx:
        row = tx.lock(Infrastructure, infrastructure_id, version=version)
        rules.require("retire", row.status)
        row.status, row.retired_at, row.retirement_reason = "retired", tx.now, told
        _judge(tx, row, "retired")
    return row


def update_step(
    actor: Actor, step_id: UUID, *, state: str = UNCHANGED, owner_id: UUID | None = UNCHANGED, due_on: date | None = UNCHANGED,
    evidence: str | None = UNCHANGED, version: int | None = None,
) -> InfrastructureStep:  # fmt: skip
    """Changes what is given of a step. Raises Invalid (a required step cannot be skipped, and none is done without
    evidence), NotFound, Conflict."""
    with write(actor, "infrastructure.update_step") as tx:
        step = _open_step(tx, step_id, version)
        if evidence is not UNCHANGED:
            step.evidence = rules.clean_evidence(evidence) if evidence else None
        if due_on is not UNCHANGED:
            step.due_on = rules.clean_due(due_on, now=tx.now)
        if owner_id is not UNCHANGED and owner_id != step.owner_id:
            step.owner_id, step.owner_name = owner_id, _name_of(owner_id)
        _turn(tx, step, step.state if state is UNCHANGED else state)
    return step


def _open_step(tx: Transaction, step_id: UUID, version: int | None) -> InfrastructureStep:
    """The step, locked after its record, so that nobody makes the record ready in the meantime."""
    record = tx.lock(Infrastructure, tx.get(InfrastructureStep, step_id).infrastructure_id)
    rules.require("step", record.status)
    return tx.lock(InfrastructureStep, step_id, version=version)


def _turn(tx: Transaction, step: InfrastructureStep, state: str) -> None:
    checklist.require_settable(state, is_required=step.is_required, evidence=step.evidence)
    if state == step.state:
        return
    step.state = state
    is_done = state == "done"
    step.done_at, step.done_by_name = (tx.now, tx.actor.name) if is_done else (None, None)


def _name_of(operator_id: UUID | None) -> str | None:
    if operator_id is None:
        return None
    with read(Actor.system("infrastructure")) as rx:
        found = rx.one(
            select(Operator.id, Operator.name).where(Operator.id == operator_id, Operator.disabled_at.is_(None))
        )
    rules.require_operator(found.id if found else None)
    return found.name if found else None


def judge(actor: Actor, infrastructure_ids: Sequence[UUID], *, told: str, by_name: str, at: datetime) -> None:
    """Looks at the residency rule again, because something beside the records has changed. For the portal itself."""
    with write(actor, "infrastructure.judge") as tx:
        rows = tx.lock_many(Infrastructure, infrastructure_ids)
        if infrastructure_ids and not rows:
            raise NotFound("This infrastructure does not exist any more.")
        tenants = {row.tenant_id for row in rows}
        found = tx.session.execute(select(Tenant.id, Tenant.region).where(Tenant.id.in_(tenants)))
        region_of = {row.id: row.region for row in found}
        for row in rows:
            residency.judge(tx, row, region_of[row.tenant_id], Cause(told, by_name, at))

"""Reads of dedicated infrastructure, its checklists and the violations of the residency rule."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import aliased

from core.access.operators.models import Operator
from core.customers.infrastructure.models import Infrastructure, InfrastructureStep, ResidencyViolation
from core.customers.infrastructure.rules import LIVE
from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, as_id, read

AGREEMENTS = ("agrees", "violates", "unknown")
AGREEMENT = case(
    (or_(Tenant.region.is_(None), Infrastructure.region_group.is_(None)), "unknown"),
    (Tenant.region == Infrastructure.region_group, "agrees"), else_="violates",
).label("agreement")  # fmt: skip
OPEN_STEPS = ("open", "in_progress", "blocked")
MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds the start of a tenant's name or domain, of a host or database, or an id. Empty ones do not filter."""

    text: str = ""
    statuses: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    agreements: tuple[str, ...] = ()
    tenant_id: UUID | None = None


def _count(*conditions: Any) -> ColumnElement[int]:
    mine = select(func.count()).where(InfrastructureStep.infrastructure_id == Infrastructure.id, *conditions)
    return mine.correlate(Infrastructure).scalar_subquery()


_NEEDED = InfrastructureStep.is_required
_LATE = (InfrastructureStep.state.in_(OPEN_STEPS), InfrastructureStep.due_on < func.current_date())
_OWN = tuple(column for column in Infrastructure.__table__.columns if column.name != "updated_at")
_COLUMNS = (
    *(getattr(Infrastructure, column.name) for column in _OWN), Tenant.name.label("tenant"),
    Tenant.region.label("tenant_region"), AGREEMENT,
    _count(_NEEDED).label("steps"), _count(_NEEDED, InfrastructureStep.state == "done").label("steps_done"),
    _count(*_LATE).label("steps_late"),
)  # fmt: skip


def _records(*columns: Any) -> AnySelect:
    return select(*columns).select_from(Infrastructure).outerjoin(Tenant, Tenant.id == Infrastructure.tenant_id)


def _starts(column: Any, text: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = func.lower(column).startswith(text.strip().lower(), autoescape=True)
    return found


def _matches(text: str) -> ColumnElement[bool]:
    key = as_id(text)
    if key:
        return or_(Infrastructure.id == key, Infrastructure.tenant_id == key)
    columns = (Tenant.name, Tenant.domain, Infrastructure.host, Infrastructure.database_name, Infrastructure.compute)
    return or_(*(_starts(column, text) for column in columns))


def _narrow(statement: AnySelect, filters: Filters) -> AnySelect:
    if filters.text.strip():
        statement = statement.where(_matches(filters.text))
    if filters.tenant_id:
        statement = statement.where(Infrastructure.tenant_id == filters.tenant_id)
    if filters.agreements:
        # What is retired is nowhere any more, so it agrees and violates nothing.
        statement = statement.where(AGREEMENT.in_(filters.agreements), Infrastructure.status.in_(LIVE))
    chosen = ((Infrastructure.status, filters.statuses), (Infrastructure.provider, filters.providers),
              (Infrastructure.region_group, filters.groups))  # fmt: skip
    return statement.where(*(column.in_(values) for column, values in chosen if values))


def listed(filters: Filters) -> AnySelect:
    """The statement of the directory, newest first, for the export."""
    return _narrow(_records(*_COLUMNS), filters).order_by(Infrastructure.created_at.desc(), Infrastructure.id.desc())


def directory(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per record in sight, newest first.

    Columns: the model's (None: unknown), tenant and tenant_region (NA for who may not see tenants), agreement (one of
    AGREEMENTS), steps and steps_done (required ones), steps_late (open after their day).
    """
    require(actor, "infrastructure:read")
    keys = [Infrastructure.created_at, Infrastructure.id]
    with read(actor) as rx:
        return rx.page(_narrow(_records(*_COLUMNS), filters), keys=keys, after=after, limit=limit)


def count(actor: Actor, filters: Filters) -> int:
    require(actor, "infrastructure:read")
    with read(actor) as rx:
        return int(rx.value(_narrow(_records(func.count()), filters)))


def one(actor: Actor, infrastructure_id: UUID) -> dict[str, Any]:
    """The columns of the directory. Raises NotFound for one that is not in sight."""
    require(actor, "infrastructure:read")
    with read(actor) as rx:
        found = rx.one(_records(*_COLUMNS).where(Infrastructure.id == infrastructure_id))
    if found is None:
        raise NotFound("This infrastructure does not exist, or is not among what you may see.")
    return found._asdict()


_STEP = (
    InfrastructureStep.id, InfrastructureStep.infrastructure_id, InfrastructureStep.tenant_id, InfrastructureStep.position,
    InfrastructureStep.key, InfrastructureStep.title, InfrastructureStep.about, InfrastructureStep.team,
    InfrastructureStep.is_required, InfrastructureStep.state, InfrastructureStep.owner_id, InfrastructureStep.owner_name,
    InfrastructureStep.due_on, InfrastructureStep.evidence, InfrastructureStep.done_at, InfrastructureStep.done_by_name,
    InfrastructureStep.version,
)  # fmt: skip


def steps(actor: Actor, infrastructure_id: UUID) -> pd.DataFrame:
    """One row per step of the record in its order: the columns of the model; dates in `due_on` are days in UTC."""
    require(actor, "infrastructure:read")
    mine = select(*_STEP).where(InfrastructureStep.infrastructure_id == infrastructure_id)
    with read(actor) as rx:
        return rx.frame(mine.order_by(InfrastructureStep.position), limit=MOST_STEPS)


def step(actor: Actor, step_id: UUID) -> dict[str, Any]:
    """The columns of `steps`. Raises NotFound."""
    require(actor, "infrastructure:read")
    with read(actor) as rx:
        found = rx.one(select(*_STEP).where(InfrastructureStep.id == step_id))
    if found is None:
        raise NotFound("This step does not exist, or is not among those you may see.")
    return found._asdict()


def due_steps(actor: Actor, *, team: str | None = None, until: date | None = None) -> pd.DataFrame:
    """Open steps of what is being provisioned, the most overdue first, MOST_STEPS at most.

    Columns: those of `steps`, tenant, region.
    """
    require(actor, "infrastructure:read")
    statement = (
        _records(*_STEP, Tenant.name.label("tenant"), Infrastructure.region)
        .join(InfrastructureStep, InfrastructureStep.infrastructure_id == Infrastructure.id)
        .where(InfrastructureStep.state.in_(OPEN_STEPS), Infrastructure.status.in_(("requested", "provisioning")))
    )
    if team:
        statement = statement.where(InfrastructureStep.team == team)
    if until:
        statement = statement.where(InfrastructureStep.due_on <= until)
    with read(actor) as rx:
        return rx.frame(statement.order_by(InfrastructureStep.due_on, InfrastructureStep.id), limit=MOST_STEPS)


_VIOLATION = (
    ResidencyViolation.id, ResidencyViolation.infrastructure_id, ResidencyViolation.tenant_id, Tenant.name.label("tenant"),
    func.coalesce(Tenant.region, ResidencyViolation.tenant_region).label("tenant_region"), Infrastructure.region_group,
    Infrastructure.provider, Infrastructure.region, Infrastructure.host, Infrastructure.status,
    ResidencyViolation.opened_at, ResidencyViolation.cause, ResidencyViolation.caused_by_name,
    ResidencyViolation.settled_at, ResidencyViolation.settled_by_name, ResidencyViolation.settlement,
)  # fmt: skip


def _violated(*, text: str = "", is_open: bool | None = True, tenant_id: UUID | None = None) -> AnySelect:
    found = (
        select(*_VIOLATION)
        .join(Infrastructure, Infrastructure.id == ResidencyViolation.infrastructure_id)
        .outerjoin(Tenant, Tenant.id == ResidencyViolation.tenant_id)
    )
    if text.strip():
        found = found.where(_matches(text))
    if tenant_id:
        found = found.where(ResidencyViolation.tenant_id == tenant_id)
    if is_open is None:
        return found
    settled = ResidencyViolation.settled_at
    return found.where(settled.is_(None) if is_open else settled.is_not(None))


def violated(*, text: str = "", is_open: bool | None = True) -> AnySelect:
    """The statement of the violations, newest first, for the export; `is_open` None is open and settled ones."""
    newest = (ResidencyViolation.opened_at.desc(), ResidencyViolation.id.desc())
    return _violated(text=text, is_open=is_open).order_by(*newest)


def violations(
    actor: Actor, *, text: str = "", is_open: bool | None = True, tenant_id: UUID | None = None, after: str | None = None,
    limit: int = 50,
) -> Page:  # fmt: skip
    """One row per violation, newest first.

    Columns: id, infrastructure_id, tenant_id, tenant, tenant_region (present), region_group, provider, region, host, status
    (of the record), opened_at, cause, caused_by_name, settled_at, settled_by_name, settlement (NA while it is open).
    """
    require(actor, "infrastructure:read")
    keys = [ResidencyViolation.opened_at, ResidencyViolation.id]
    with read(actor) as rx:
        return rx.page(_violated(text=text, is_open=is_open, tenant_id=tenant_id), keys=keys, after=after, limit=limit)


def open_violations(actor: Actor) -> int:
    """How many are open, in sight."""
    require(actor, "infrastructure:read")
    with read(actor) as rx:
        return int(rx.value(select(func.count()).where(ResidencyViolation.settled_at.is_(None))))


def unsettled(actor: Actor) -> list[UUID]:
    """Records whose violation is not as it should be: not opened, or not settled. For the portal itself, 500 at most."""
    is_open = aliased(ResidencyViolation)
    violates = (AGREEMENT == "violates") & Infrastructure.status.in_(LIVE)
    is_over = (AGREEMENT == "agrees") | (Infrastructure.status == "retired")
    wrong = (
        _records(Infrastructure.id)
        .outerjoin(is_open, (is_open.infrastructure_id == Infrastructure.id) & is_open.settled_at.is_(None))
        .where((violates & is_open.id.is_(None)) | (is_over & is_open.id.is_not(None)))
    )
    with read(actor) as rx:
        return [row.id for row in rx.rows(wrong.order_by(Infrastructure.id).limit(500))]


def of_tenant(actor: Actor, tenant_id: UUID) -> pd.DataFrame:
    """The tenant's records, newest first: the columns of the directory; at most 50."""
    return directory(actor, Filters(tenant_id=tenant_id)).frame


def tenants(actor: Actor) -> pd.DataFrame:
    """Whom infrastructure can be requested for, by name: id, name, domain, region; empty for who may not see tenants."""
    found = select(Tenant.id, Tenant.name, Tenant.domain, Tenant.region)
    living = found.where(Tenant.status.not_in(("deleted", "purged"))).order_by(Tenant.name, Tenant.id)
    with read(actor) as rx:
        return rx.frame(living.limit(5_000 if actor.may("tenants:read") else 0))


def owners(actor: Actor) -> dict[UUID, str]:
    """Operators in service by name, who can own a step. Read as the portal itself: names alone."""
    require(actor, "infrastructure:update")
    people = select(Operator.id, Operator.name).where(Operator.disabled_at.is_(None))
    with read(Actor.system("infrastructure", request_id=actor.request_id)) as rx:
        return {row.id: row.name for row in rx.rows(people.order_by(Operator.name, Operator.id).limit(500))}

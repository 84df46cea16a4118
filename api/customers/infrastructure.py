"""Dedicated infrastructure for machines: records, checklists, and violations of the residency rule."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Once,
    Search,
    area,
    collection,
    entity,
    records,
)
from api.customers.infrastructure_forms import (
    Agreement,
    Group,
    InfrastructureChange,
    InfrastructureIn,
    InfrastructureOut,
    InfrastructurePage,
    Provider,
    Retirement,
    Status,
    StepChange,
    StepList,
    StepOut,
    ViolationPage,
)
from core.customers.infrastructure import actions, queries, residency
from core.customers.infrastructure.queries import Filters
from core.kernel.actor import Actor

router = area("/superadmin/infrastructure", "infrastructure")
PATH = "/api/v1/superadmin/infrastructure"


def _version(actor: Actor, infrastructure_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one(actor, infrastructure_id)["version"]))


@router.get("", response_model=InfrastructurePage)
def list_infrastructure(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    search: Annotated[
        Search, Query(description="Start of a tenant's name or domain, of a host or database, or an id.")
    ] = "",
    status: Annotated[tuple[Status, ...], Query()] = (),
    provider: Annotated[tuple[Provider, ...], Query()] = (),
    region_group: Annotated[tuple[Group, ...], Query()] = (),
    agreement: Annotated[tuple[Agreement, ...], Query(description="Of what is not retired.")] = (),
    tenant_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The records in your scope, newest first."""
    filters = Filters(search, status, provider, region_group, agreement, tenant_id)
    page = queries.directory(actor, filters, after=cursor, limit=limit)
    return collection(request, records(page.frame), page.next, fields=fields)


@router.post("", status_code=201, response_model=InfrastructureOut)
def create_infrastructure(request: Request, actor: CurrentActor, given: InfrastructureIn, once: Once) -> Response:
    """Requests infrastructure for a tenant, with a checklist."""
    values = given.model_dump()
    row = actions.create(actor, values.pop("tenant_id"), once=once, **values)
    return entity(request, queries.one(actor, row.id), status=201, location=f"{PATH}/{row.id}")


@router.get("/violations", response_model=ViolationPage)
def list_residency_violations(
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    search: Search = "",
    settled: bool = False,
    tenant_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Violations of the residency rule that are open, newest first; with `settled` those that are over."""
    page = queries.violations(actor, text=search, is_open=not settled, tenant_id=tenant_id, after=cursor, limit=limit)
    rows = [{**row, "ways_to_settle": _ways(row)} for row in records(page.frame)]
    return collection(request, rows, page.next, fields=fields)


def _ways(row: dict[str, Any]) -> list[str]:
    if row["settled_at"] is not None or row["region_group"] is None:
        return []
    return residency.ways_to_settle(row["tenant_region"], row["region_group"], row["provider"])


@router.get("/{infrastructure_id}", response_model=InfrastructureOut)
def get_infrastructure(request: Request, actor: CurrentActor, infrastructure_id: UUID) -> Response:
    """One record, with its version as ETag."""
    return entity(request, queries.one(actor, infrastructure_id))


@router.patch("/{infrastructure_id}", response_model=InfrastructureOut)
def change_infrastructure(
    request: Request, actor: CurrentActor, infrastructure_id: UUID, given: InfrastructureChange, match: IfMatch
) -> Response:
    """Changes a record; the residency rule is looked at again. With If-Match, 412 when somebody was faster."""
    version = _version(actor, infrastructure_id, match)
    actions.update(actor, infrastructure_id, version=version, **given.model_dump(exclude_unset=True))
    return entity(request, queries.one(actor, infrastructure_id))


@router.post("/{infrastructure_id}/start", response_model=InfrastructureOut)
def start_infrastructure(request: Request, actor: CurrentActor, infrastructure_id: UUID, match: IfMatch) -> Response:
    """Provisioning begins."""
    actions.start(actor, infrastructure_id, version=_version(actor, infrastructure_id, match))
    return entity(request, queries.one(actor, infrastructure_id))


@router.post("/{infrastructure_id}/ready", response_model=InfrastructureOut)
def make_infrastructure_ready(
    request: Request, actor: CurrentActor, infrastructure_id: UUID, match: IfMatch
) -> Response:
    """The tenant can use it. Refused while a required step is not done, or it is unknown where it is."""
    actions.make_ready(actor, infrastructure_id, version=_version(actor, infrastructure_id, match))
    return entity(request, queries.one(actor, infrastructure_id))


@router.post("/{infrastructure_id}/retire", response_model=InfrastructureOut)
def retire_infrastructure(
    request: Request, actor: CurrentActor, infrastructure_id: UUID, given: Retirement, match: IfMatch
) -> Response:
    """It is no longer used; the record stays, and a violation of it is settled."""
    version = _version(actor, infrastructure_id, match)
    actions.retire(actor, infrastructure_id, reason=given.reason, version=version)
    return entity(request, queries.one(actor, infrastructure_id))


@router.get("/{infrastructure_id}/steps", response_model=StepList)
def list_infrastructure_steps(request: Request, actor: CurrentActor, infrastructure_id: UUID) -> Response:
    """The checklist in its order."""
    queries.one(actor, infrastructure_id)
    return collection(request, records(queries.steps(actor, infrastructure_id)))


@router.get("/steps/{step_id}", response_model=StepOut)
def get_infrastructure_step(request: Request, actor: CurrentActor, step_id: UUID) -> Response:
    """One step, with its version as ETag."""
    return entity(request, queries.step(actor, step_id))


@router.patch("/steps/{step_id}", response_model=StepOut)
def change_infrastructure_step(
    request: Request, actor: CurrentActor, step_id: UUID, given: StepChange, match: IfMatch
) -> Response:
    """Changes state, owner, day or evidence of a step. With If-Match, 412 when somebody was faster."""
    sent = given.model_dump(exclude_unset=True)
    values = {name: value for name, value in sent.items() if value is not None or name != "state"}
    version = match.against(lambda: int(queries.step(actor, step_id)["version"]))
    actions.update_step(actor, step_id, version=version, **values)
    return entity(request, queries.step(actor, step_id))

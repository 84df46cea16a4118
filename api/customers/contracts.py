"""Contracts for machines: terms and their versions, renewals, documents, and when they are invoiced."""

import base64
import binascii
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from api.conventions import (
    PRODUCES,
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
    nothing,
    records,
)
from api.customers.contract_forms import (
    AmendmentIn,
    ContractIn,
    ContractOut,
    ContractPage,
    DocumentIn,
    DocumentList,
    DocumentOut,
    Level,
    People,
    PeriodList,
    Removal,
    RenewalIn,
    RenewalList,
    Status,
    SummaryOut,
    TaskChange,
    TaskList,
    TaskOut,
    Termination,
    VersionList,
)
from core.customers.contracts import actions, amending, documents, pipeline, queries, renewals, schedule
from core.customers.contracts.actions import Draft
from core.customers.contracts.pipeline import TaskFilters
from core.customers.contracts.queries import Filters
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound

router = area("/superadmin/contracts", "contracts")
PATH = "/api/v1/superadmin/contracts"
_DRAFT = ("tenant_id", "starts_on", "currency", "time_zone", "csm_id", "account_executive")


def _version(actor: Actor, contract_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one(actor, contract_id)["version"]))


def _one(request: Request, actor: Actor, contract_id: UUID, **named: Any) -> Response:
    row = ContractOut.model_validate(queries.one(actor, contract_id))
    return entity(request, row, **named)


@router.get("", response_model=ContractPage)
def list_contracts(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    search: Annotated[Search, Query(description="A number (C-00012), an id, or the start of a tenant's name.")] = "",
    status: Annotated[tuple[Status, ...], Query()] = (),
    support_level: Annotated[tuple[Level, ...], Query()] = (),
    csm_id: UUID | None = None,
    tenant_id: UUID | None = None,
    renews_within: Annotated[int | None, Query(ge=0, le=3650, description="Days, of contracts that run.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Contracts in your scope, the next renewal first, those that do not run at the end."""
    filters = Filters(search, status, support_level, csm_id, tenant_id, renews_within)
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    rows = [ContractOut.model_validate(row).model_dump() for row in page.rows]
    return collection(request, rows, page.next, fields=fields)


@router.post("", status_code=201, response_model=ContractOut)
def create_contract(request: Request, actor: CurrentActor, given: ContractIn, once: Once) -> Response:
    """Makes a draft. It is measured and invoiced once it is activated."""
    values = given.model_dump(exclude_unset=True)
    draft = Draft(**{name: values.pop(name) for name in _DRAFT if name in values})
    row = actions.create(actor, draft, once=once, **values)
    return _one(request, actor, row.id, status=201, location=f"{PATH}/{row.id}")


@router.get("/summary", response_model=SummaryOut)
def get_contract_summary(request: Request, actor: CurrentActor) -> Response:
    """Active contracts, ARR and average value per currency, the renewal rate, and what is to be renewed soon."""
    rate, near = queries.renewal_rate(actor), pipeline.near(actor)
    told = {
        "currencies": records(queries.summary(actor)), "renewal_rate": rate.ratio, "ended": rate.ended, "renewed": rate.renewed,
        "renewals_90_days": near.soon, "renewals_30_days": near.urgent,
    }  # fmt: skip
    return entity(request, told)


@router.get("/renewals", response_model=RenewalList)
def list_contract_renewals(
    request: Request, actor: CurrentActor, fields: Fields, within: Annotated[int, Query(ge=0, le=730)] = 90
) -> Response:
    """What is to be renewed within so many days, or should have been; at most 500, the nearest first."""
    return collection(request, records(pipeline.renewals(actor, within=within)), fields=fields)


@router.get("/tasks", response_model=TaskList)
def list_contract_tasks(
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    contract_id: UUID | None = None,
    assignee_id: UUID | None = None,
    late: bool = False,
    with_done: bool = False,
    limit: Limit = 50,
) -> Response:
    """Tasks of renewals, the first due first."""
    filters = TaskFilters(assignee_id, late, with_done, contract_id)
    return collection(request, records(pipeline.tasks(actor, filters, limit=limit)), fields=fields)


def _task(actor: Actor, task_id: UUID) -> dict[str, Any]:
    found = pipeline.tasks(actor, TaskFilters(task_id=task_id, with_done=True))
    if found.empty:
        raise NotFound("This contract task does not exist, or is not among those you may see.")
    return records(found)[0]


@router.get("/tasks/{task_id}", response_model=TaskOut)
def get_contract_task(request: Request, actor: CurrentActor, task_id: UUID) -> Response:
    """One task, with its version as ETag."""
    return entity(request, _task(actor, task_id))


@router.patch("/tasks/{task_id}", response_model=TaskOut)
def change_contract_task(
    request: Request, actor: CurrentActor, task_id: UUID, given: TaskChange, match: IfMatch
) -> Response:
    """Does, reopens, assigns or comments a task. With If-Match, 412 when somebody was faster."""
    version = match.against(lambda: int(_task(actor, task_id)["version"]))
    renewals.update_task(actor, task_id, version=version, **given.model_dump(exclude_unset=True))
    return entity(request, _task(actor, task_id))


@router.get("/documents/{document_id}", response_class=Response, openapi_extra={PRODUCES: documents.ANY_TYPE})
def get_contract_document(actor: CurrentActor, document_id: UUID) -> Response:
    """The file of a document; the audit keeps who took it."""
    opened = documents.open(actor, document_id)
    return Response(opened.content, media_type=documents.ANY_TYPE, headers={"X-Content-Type-Options": "nosniff"})


@router.post("/documents/{document_id}/remove", status_code=204, response_class=Response)
def remove_contract_document(actor: CurrentActor, document_id: UUID, given: Removal) -> Response:
    """Takes a document off its contract; its content is kept as evidence."""
    documents.remove(actor, document_id, reason=given.reason)
    return nothing()


@router.get("/{contract_id}", response_model=ContractOut)
def get_contract(request: Request, actor: CurrentActor, contract_id: UUID) -> Response:
    """One contract with the terms in force, and its version as ETag."""
    return _one(request, actor, contract_id)


@router.patch("/{contract_id}", response_model=ContractOut)
def change_contract_people(
    request: Request, actor: CurrentActor, contract_id: UUID, given: People, match: IfMatch
) -> Response:
    """Changes who answers for the contract; its terms change by amendments alone."""
    version = _version(actor, contract_id, match)
    actions.update(actor, contract_id, version=version, **given.model_dump(exclude_unset=True))
    return _one(request, actor, contract_id)


@router.post("/{contract_id}/activate", response_model=ContractOut)
def activate_contract(request: Request, actor: CurrentActor, contract_id: UUID, match: IfMatch) -> Response:
    """Puts a draft in force from its first day on."""
    actions.activate(actor, contract_id, version=_version(actor, contract_id, match))
    return _one(request, actor, contract_id)


@router.post("/{contract_id}/amend", response_model=ContractOut)
def amend_contract(
    request: Request, actor: CurrentActor, contract_id: UUID, given: AmendmentIn, match: IfMatch
) -> Response:
    """Adds a version with new terms; those before it stay as they were."""
    version = _version(actor, contract_id, match)
    amending.amend(actor, contract_id, version=version, **given.model_dump(exclude_unset=True))
    return _one(request, actor, contract_id)


@router.post("/{contract_id}/start-renewal", response_model=ContractOut)
def start_contract_renewal(request: Request, actor: CurrentActor, contract_id: UUID, match: IfMatch) -> Response:
    """The talks about the next term have begun."""
    renewals.start_renewal(actor, contract_id, version=_version(actor, contract_id, match))
    return _one(request, actor, contract_id)


@router.post("/{contract_id}/renew", status_code=201, response_model=ContractOut)
def renew_contract(
    request: Request, actor: CurrentActor, contract_id: UUID, given: RenewalIn, match: IfMatch
) -> Response:
    """Makes the contract that follows, and answers with it; the present one stays in force until its last day."""
    version = _version(actor, contract_id, match)
    row = renewals.renew(actor, contract_id, version=version, **given.model_dump(exclude_unset=True))
    return _one(request, actor, row.id, status=201, location=f"{PATH}/{row.id}")


@router.post("/{contract_id}/terminate", response_model=ContractOut)
def terminate_contract(
    request: Request, actor: CurrentActor, contract_id: UUID, given: Termination, match: IfMatch
) -> Response:
    """Ends a contract early; a draft is given up."""
    version = _version(actor, contract_id, match)
    actions.terminate(actor, contract_id, ended_on=given.ended_on, reason=given.reason, version=version)
    return _one(request, actor, contract_id)


@router.get("/{contract_id}/versions", response_model=VersionList)
def list_contract_versions(request: Request, actor: CurrentActor, contract_id: UUID) -> Response:
    """Every version, the newest first."""
    queries.one(actor, contract_id)
    return collection(request, records(queries.versions(actor, contract_id)))


@router.get("/{contract_id}/schedule", response_model=PeriodList)
def list_contract_periods(request: Request, actor: CurrentActor, contract_id: UUID) -> Response:
    """When the contract is invoiced, and with what: periods that were, and those to come."""
    return collection(request, records(schedule.schedule(actor, contract_id)))


@router.get("/{contract_id}/documents", response_model=DocumentList)
def list_contract_documents(request: Request, actor: CurrentActor, contract_id: UUID) -> Response:
    """The documents of a contract, the newest first."""
    queries.one(actor, contract_id)
    return collection(request, records(documents.of_contract(actor, contract_id)))


@router.post("/{contract_id}/documents", status_code=201, response_model=DocumentOut)
def add_contract_document(request: Request, actor: CurrentActor, contract_id: UUID, given: DocumentIn) -> Response:
    """Keeps a file with the contract. What it is, its content says."""
    try:
        content = base64.b64decode(given.content, validate=True)
    except binascii.Error as error:
        sentence = "The content is not Base64. Encode the file and send it again."
        raise Invalid(sentence, {"content": sentence}) from error
    row = documents.add(actor, contract_id, name=given.name, content=content)
    return entity(request, DocumentOut.model_validate(row), status=201, location=f"{PATH}/documents/{row.id}")

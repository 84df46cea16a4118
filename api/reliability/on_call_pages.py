"""Escalation policies and pages for machines."""

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
    area,
    collection,
    entity,
    nothing,
    records,
)
from api.reliability.on_call_forms import (
    PageIn,
    PageList,
    PageOut,
    PolicyChange,
    PolicyIn,
    PolicyList,
    PolicyOut,
    Status,
)
from core.kernel.actor import Actor
from core.reliability.on_call import page_queries as queries
from core.reliability.on_call import pages, policies

router = area("/superadmin/on-call", "on-call")
PATH = "/api/v1/superadmin/on-call"


def _policy(actor: Actor, policy_id: UUID) -> dict[str, Any]:
    return PolicyOut.model_validate(queries.one_policy(actor, policy_id)).model_dump()


def _version(actor: Actor, policy_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one_policy(actor, policy_id)["version"]))


@router.get("/policies", response_model=PolicyList)
def list_escalation_policies(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """The escalation policies in use, by name."""
    return collection(request, records(queries.policies(actor)), fields=fields)


@router.post("/policies", status_code=201, response_model=PolicyOut)
def create_escalation_policy(request: Request, actor: CurrentActor, given: PolicyIn, once: Once) -> Response:
    """Makes a policy: whom to call, step by step, until somebody acknowledges."""
    made = policies.create_policy(actor, **given.model_dump(), once=once)
    return entity(request, _policy(actor, made.id), status=201, location=f"{PATH}/policies/{made.id}")


@router.get("/policies/{policy_id}", response_model=PolicyOut)
def get_escalation_policy(request: Request, actor: CurrentActor, policy_id: UUID) -> Response:
    """One policy, with its version as ETag."""
    return entity(request, _policy(actor, policy_id))


@router.patch("/policies/{policy_id}", response_model=PolicyOut)
def change_escalation_policy(
    request: Request, actor: CurrentActor, policy_id: UUID, given: PolicyChange, match: IfMatch
) -> Response:
    """Changes a policy for pages that begin from now on. With If-Match, 412 when somebody was faster."""
    values = {name: value for name, value in given.model_dump(exclude_unset=True).items() if value is not None}
    policies.update_policy(actor, policy_id, version=_version(actor, policy_id, match), **values)
    return entity(request, _policy(actor, policy_id))


@router.post("/policies/{policy_id}/archive", status_code=204)
def archive_escalation_policy(actor: CurrentActor, policy_id: UUID, match: IfMatch) -> Response:
    """It pages for nothing new; pages that run go on."""
    policies.archive_policy(actor, policy_id, version=_version(actor, policy_id, match))
    return nothing()


@router.get("/pages", response_model=PageList)
def list_pages(
    request: Request, actor: CurrentActor, fields: Fields, status: Annotated[tuple[Status, ...], Query()] = (),
    cursor: Cursor = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """The pages, newest first. `open` and `exhausted` ones nobody has acknowledged."""
    found = queries.listing(actor, statuses=status, after=cursor, limit=limit)
    return collection(request, found.rows, found.next, fields=fields)


@router.post("/pages", status_code=201, response_model=PageOut)
def create_page(request: Request, actor: CurrentActor, given: PageIn, once: Once) -> Response:
    """Calls people for an incident by a policy, at once."""
    made = pages.page(actor, given.incident_id, policy_id=given.policy_id, once=once)
    return entity(request, queries.one_page(actor, made.id), status=201, location=f"{PATH}/pages/{made.id}")


@router.get("/pages/{page_id}", response_model=PageOut)
def get_page(request: Request, actor: CurrentActor, page_id: UUID) -> Response:
    """One page, with its version as ETag."""
    return entity(request, queries.one_page(actor, page_id))


@router.post("/pages/{page_id}/acknowledge", response_model=PageOut)
def acknowledge_page(request: Request, actor: CurrentActor, page_id: UUID, match: IfMatch) -> Response:
    """Takes it: nobody else is called, and the incident is acknowledged too."""
    version = match.against(lambda: int(queries.one_page(actor, page_id)["version"]))
    pages.acknowledge(actor, page_id, version=version)
    return entity(request, queries.one_page(actor, page_id))

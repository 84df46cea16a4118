"""Deployments: build systems report them, and timelines of incidents tell them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    Instant,
    Limit,
    Once,
    Out,
    Strict,
    area,
    collection,
    entity,
)
from core.reliability.deployments import actions, queries, rules

router = area("/superadmin/deployments", "deployments")
PATH = "/api/v1/superadmin/deployments"

Status = Literal["started", "succeeded", "failed", "rolled_back"]
Name = Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME)]


class DeploymentIn(Strict):
    """`service` is named as its requests are told. Give the build system's own `external_id`, and tell the same deployment
    again when it goes on: started, then succeeded or failed, perhaps rolled_back."""

    service: Annotated[Name, Field(examples=["billing"])]
    release: Annotated[Name, Field(examples=["2026.11.3"])]
    environment: Name = "production"
    status: Status = "succeeded"
    at: Annotated[Instant | None, Field(description="When; now where left out.")] = None
    summary: Annotated[str, Field(max_length=rules.MAX_SUMMARY)] = ""
    url: Annotated[str | None, Field(max_length=rules.MAX_URL)] = None
    deployed_by: Annotated[str, Field(max_length=rules.MAX_NAME)] = ""
    external_id: Name | None = None


class DeploymentOut(Out):
    """One release of one service that went to one environment; times in UTC."""

    id: UUID
    at: datetime
    service: str
    release: str
    environment: str
    status: Status
    summary: str
    url: str | None
    deployed_by: str
    external_id: str | None
    created_at: datetime
    updated_at: datetime


class DeploymentPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[DeploymentOut]
    next: str | None


@router.get("", response_model=DeploymentPage)
def list_deployments(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    service: Annotated[tuple[Name, ...], Query()] = (),
    environment: Annotated[tuple[Name, ...], Query()] = (),
    status: Annotated[tuple[Status, ...], Query()] = (),
    since: Annotated[Instant | None, Query(description="At this time or later.")] = None,
    until: Annotated[Instant | None, Query(description="Before this time.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The deployments, newest first."""
    filters = queries.Filters(service, environment, status, since, until)
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("", status_code=201, response_model=DeploymentOut)
def report_deployment(request: Request, actor: CurrentActor, given: DeploymentIn, once: Once) -> Response:
    """Tells of a deployment; one of a known `external_id` goes on."""
    made = actions.report(actor, **given.model_dump(), once=once)
    return entity(request, DeploymentOut.model_validate(made), status=201, location=f"{PATH}/{made.id}")


@router.get("/{deployment_id}", response_model=DeploymentOut)
def get_deployment(request: Request, actor: CurrentActor, deployment_id: UUID) -> Response:
    """One deployment."""
    return entity(request, queries.one(actor, deployment_id))

"""Operators and the caller's own account, for machines."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Limit,
    Once,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
)
from core.access.operators import actions, queries, rules
from core.kernel.actor import Actor

router = area("/superadmin/operators", "operators")
PATH = "/api/v1/superadmin/operators"

OwnScope = Literal["all", "assigned"]
Name = Annotated[str, Field(min_length=1, max_length=120, examples=["Ann Example"])]
Role = Annotated[str, Field(min_length=1, max_length=60, examples=["support"])]
TimeZone = Annotated[str, Field(max_length=60, examples=["Europe/Berlin"])]
Email = Annotated[str, Field(min_length=3, max_length=254, examples=["ann@example.com"])]
Password = Annotated[
    str, Field(min_length=rules.SHORTEST_PASSWORD, max_length=rules.LONGEST_PASSWORD_BYTES, examples=["choose 12 or more"],
               json_schema_extra={"writeOnly": True, "format": "password"}),
]  # fmt: skip


class OperatorOut(Out):
    """An account; `scope` is what counts, `own_scope` is null when the role's counts."""

    id: UUID
    name: str
    email: str
    role: str
    scope: OwnScope
    own_scope: OwnScope | None
    time_zone: str | None
    created_at: datetime
    last_sign_in_at: datetime | None
    disabled_at: datetime | None
    version: int


class OperatorPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[OperatorOut]
    next: str | None


class OperatorIn(Strict):
    email: Email
    name: Name
    role: Role
    password: Password
    scope: OwnScope | None = None


class OperatorChange(Strict):
    """Only what is given is changed. A scope of null is the role's, a time zone of null the browser's."""

    name: Name | None = None
    role: Role | None = None
    scope: OwnScope | None = None
    time_zone: TimeZone | None = None


class Disabling(Strict):
    reason: Annotated[str, Field(min_length=1, max_length=500, examples=["Left the company"])]


@router.get("", response_model=OperatorPage)
def list_operators(
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    search: Annotated[Search, Query(description="Start of a name or address.")] = "",
    role: Annotated[str | None, Query(max_length=60)] = None,
    is_active: bool | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The company's own people, newest first."""
    page = queries.listing(actor, text=search, role=role, is_active=is_active, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("", status_code=201, response_model=OperatorOut)
def create_operator(request: Request, actor: CurrentActor, given: OperatorIn, once: Once) -> Response:
    """Makes an account; the new colleague should change the password."""
    made = actions.create(actor, **given.model_dump(), once=once)
    return entity(request, queries.one(actor, made.id), status=201, location=f"{PATH}/{made.id}")


@router.get("/{operator_id}", response_model=OperatorOut)
def get_operator(request: Request, actor: CurrentActor, operator_id: UUID) -> Response:
    """One account."""
    return entity(request, queries.one(actor, operator_id))


def _current(actor: Actor, operator_id: UUID) -> int:
    version: int = queries.one(actor, operator_id)["version"]
    return version


@router.patch("/{operator_id}", response_model=OperatorOut)
def change_operator(
    request: Request, actor: CurrentActor, operator_id: UUID, given: OperatorChange, match: IfMatch
) -> Response:
    """Changes an account. With If-Match, 412 when somebody was faster; without it, your values win."""
    values = given.model_dump(exclude_unset=True)
    values = {name: value for name, value in values.items() if value is not None or name in ("scope", "time_zone")}
    version = match.against(lambda: _current(actor, operator_id)) or _current(actor, operator_id)
    actions.update(actor, operator_id, version=version, **values)
    return entity(request, queries.one(actor, operator_id))


@router.post("/{operator_id}/disable", response_model=OperatorOut)
def disable_operator(request: Request, actor: CurrentActor, operator_id: UUID, given: Disabling) -> Response:
    """Takes an account out of service; its sessions end at their next step."""
    actions.disable(actor, operator_id, reason=given.reason)
    return entity(request, queries.one(actor, operator_id))


@router.post("/{operator_id}/enable", response_model=OperatorOut)
def enable_operator(request: Request, actor: CurrentActor, operator_id: UUID) -> Response:
    """Puts a disabled account back into service."""
    actions.enable(actor, operator_id)
    return entity(request, queries.one(actor, operator_id))

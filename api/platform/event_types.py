"""The catalogue of events for machines: what a webhook may hear, with schemas and samples."""

from typing import Annotated, Any

import orjson
from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import CurrentActor, Fields, Out, Search, area, collection, entity
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.platform.webhooks import testing
from core.platform.webhooks.catalogue import EventType, catalogue, schema_of

router = area("/superadmin/event-types", "webhooks")


class EventTypeOut(Out):
    """`for_tenants`: whether a webhook of a tenant may hear it. `schema` is JSON Schema 2020-12 of the whole body."""

    name: str
    summary: str
    entity: str | None
    for_tenants: bool
    version: int
    schema_: dict[str, Any] = Field(alias="schema")
    sample: dict[str, Any]


class EventTypeList(Out):
    """All of them at once; `next` is always null."""

    items: list[EventTypeOut]
    next: str | None


def _row(kind: EventType) -> dict[str, Any]:
    return {
        "name": kind.name, "summary": kind.summary, "entity": kind.entity, "for_tenants": kind.for_tenants,
        "version": kind.version, "schema": schema_of(kind), "sample": orjson.loads(testing.sample_of(kind.name)),
    }  # fmt: skip


@router.get("", response_model=EventTypeList)
def list_event_types(
    request: Request, actor: CurrentActor, fields: Fields,
    search: Annotated[Search, Query(description="Part of the name or the summary.")] = "",
    for_tenants: bool | None = None,
) -> Response:  # fmt: skip
    """Every event type by name. New ones may be added; those that are there keep their fields within a version."""
    found = [kind for kind in _visible(actor) if for_tenants in (None, kind.for_tenants)]
    wanted = search.strip().lower()
    rows = [_row(kind) for kind in found if wanted in kind.name or wanted in kind.summary.lower()]
    return collection(request, rows, fields=fields)


def _visible(actor: Actor) -> list[EventType]:
    require(actor, "webhooks:read")
    return list(catalogue().values())


@router.get("/{name}", response_model=EventTypeOut)
def get_event_type(request: Request, actor: CurrentActor, name: str) -> Response:
    """One event type."""
    found = next((kind for kind in _visible(actor) if kind.name == name), None)
    if found is None:
        raise NotFound("There is no event type of this name. GET /event-types lists them all.")
    return entity(request, _row(found))

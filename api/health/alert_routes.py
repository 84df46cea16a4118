"""Routes of alerts for machines: which alerts go to which channels, and in which order that is asked."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import (
    CurrentActor,
    Fields,
    IfMatch,
    Instant,
    Once,
    area,
    collection,
    documented,
    entity,
    nothing,
    records,
)
from api.health.alert_channel_forms import (
    RouteChange,
    RouteIn,
    RouteList,
    RouteMove,
    RouteOut,
    Severity,
    ToldList,
    Why,
)
from core.health.channels import queries, routes
from core.health.channels.models import AlertRoute
from core.kernel.actor import Actor
from core.kernel.times import utc_now

router = area("/superadmin/alert-routes", "alert channels")
PATH = "/api/v1/superadmin/alert-routes"
_NULLABLE = {"starts_at", "ends_at", "escalate_after_minutes", "repeat_every_minutes"}


def _route(row: AlertRoute) -> dict[str, Any]:
    return RouteOut.model_validate(row).model_dump()


def _version(actor: Actor, route_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one_route(actor, route_id)["version"]))


@router.get("", response_model=RouteList)
def list_alert_routes(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """Every route, in the order in which they are asked."""
    rows = [{name: row[name] for name in RouteOut.model_fields} for row in records(queries.routes(actor))]
    return collection(request, rows, None, fields=fields)


@router.post("", status_code=201, response_model=RouteOut)
def create_alert_route(request: Request, actor: CurrentActor, given: RouteIn, once: Once) -> Response:
    """Makes a route behind the others."""
    made = routes.create(actor, **given.model_dump(), once=once)
    return entity(request, _route(made), status=201, location=f"{PATH}/{made.id}")


@router.get("/told", response_model=ToldList)
def list_who_would_be_told(
    request: Request, actor: CurrentActor, severity: Severity, alert_area: Annotated[str, Query(alias="area", max_length=50)],
    at: Instant | None = None,
) -> Response:  # fmt: skip
    """Whom an alert would reach that opens now, or at another moment."""
    found = queries.who_would_be_told(actor, severity=severity, area=alert_area, at=at or utc_now())
    return collection(request, records(found), None)


@router.get("/{route_id}", response_model=RouteOut)
def get_alert_route(request: Request, actor: CurrentActor, route_id: UUID) -> Response:
    """One route, with its version as ETag."""
    row = queries.one_route(actor, route_id)
    return entity(request, {name: row[name] for name in RouteOut.model_fields})


@router.patch("/{route_id}", response_model=RouteOut)
def change_alert_route(
    request: Request, actor: CurrentActor, route_id: UUID, given: RouteChange, match: IfMatch
) -> Response:
    """Changes a route. With If-Match, 412 when somebody was faster."""
    sent = given.model_dump(exclude_unset=True)
    values = {name: value for name, value in sent.items() if value is not None or name in _NULLABLE}
    return entity(request, _route(routes.edit(actor, route_id, version=_version(actor, route_id, match), **values)))


@router.post("/{route_id}/move", response_model=RouteOut)
def move_alert_route(request: Request, actor: CurrentActor, route_id: UUID, given: RouteMove) -> Response:
    """Changes the order in which routes are asked."""
    return entity(request, _route(routes.move(actor, route_id, to=given.to)))


@router.post("/{route_id}/enable", response_model=RouteOut)
def enable_alert_route(request: Request, actor: CurrentActor, route_id: UUID, match: IfMatch) -> Response:
    """Alerts take the route again."""
    return entity(request, _route(routes.enable(actor, route_id, version=_version(actor, route_id, match))))


@router.post("/{route_id}/disable", response_model=RouteOut)
def disable_alert_route(request: Request, actor: CurrentActor, route_id: UUID, match: IfMatch) -> Response:
    """Alerts pass the route by, and what it began to escalate goes no further."""
    return entity(request, _route(routes.disable(actor, route_id, version=_version(actor, route_id, match))))


@router.delete("/{route_id}", status_code=204, responses=documented(428))
def delete_alert_route(actor: CurrentActor, route_id: UUID, match: IfMatch, reason: Why) -> Response:
    """Removes a route. If-Match is required."""
    match.require()
    routes.delete(actor, route_id, reason=reason, version=_version(actor, route_id, match))
    return nothing()

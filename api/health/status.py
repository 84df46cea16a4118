"""Health for machines: components, servers, requests, figures."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import CurrentActor, Fields, Out, area, collection, deprecated_route, entity, records
from core.health.components import queries
from core.health.requests import queries as requests
from core.health.servers import queries as servers
from core.kernel.times import utc_now

router = area("", "health")

Status = Literal["healthy", "degraded", "down", "not_configured", "unknown"]
HERE = "/superadmin/health"


class ComponentOut(Out):
    """`checked_at` is null when it was never checked."""

    status: Status
    detail: str
    latency_ms: float | None
    checked_at: datetime | None


class HealthOut(Out):
    """`status` is the worst of the components; what is unknown or not configured does not count (`excluded`)."""

    status: Status
    excluded: list[str]
    components: dict[str, ComponentOut]
    timestamp: datetime


class DayOut(Out):
    """A day (UTC); the ratios are null without observation."""

    day: datetime
    status: Status
    observed_ratio: float
    available_ratio: float | None


class DayPage(Out):
    """All of them: `next` is always null."""

    items: list[DayOut]
    next: str | None


class RouteOut(Out):
    """A route of pages or API in the last hour; durations in ms."""

    route: str
    requests: int
    errors: int
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class RoutePage(Out):
    """All of them: `next` is always null."""

    items: list[RouteOut]
    next: str | None


class ServerOut(Out):
    """A host with its last figures: ratios from 0 to 1, bytes, bytes per second; null is not known.

    `state` is reporting, late or silent; figures of a silent host are those of `measured_at`.
    """

    id: UUID
    name: str
    is_demo: bool
    state: Literal["reporting", "late", "silent"]
    facts: dict[str, Any]
    first_seen_at: datetime
    last_seen_at: datetime
    measured_at: datetime | None
    cpu_ratio: float | None
    core_ratios: list[float] | None
    load_average: float | None
    memory_ratio: float | None
    memory_used_bytes: int | None
    memory_total_bytes: int | None
    swap_used_bytes: int | None
    disks: list[dict[str, Any]] | None
    disk_ratio: float | None
    network_in_rate: float | None
    network_out_rate: float | None
    open_connections: int | None


class ServerPage(Out):
    """All of them: `next` is always null."""

    items: list[ServerOut]
    next: str | None


class MinuteOut(Out):
    """The means of a minute, and its highest cpu_ratio."""

    bucket: datetime
    cpu_ratio: float | None
    memory_ratio: float | None
    disk_ratio: float | None
    network_in_rate: float | None
    network_out_rate: float | None
    open_connections: float | None
    load_average: float | None
    cpu_ratio_max: float | None


class MinutePage(Out):
    """All of them: `next` is always null."""

    items: list[MinuteOut]
    next: str | None


def _component(one: queries.Component) -> ComponentOut:
    found = one.finding
    return ComponentOut(
        status=found.status, detail=found.detail, latency_ms=found.latency_ms, checked_at=one.checked_at
    )


@router.get(HERE, response_model=HealthOut)
def get_health(request: Request, actor: CurrentActor) -> Response:
    """What the portal runs on, now. Whether the web process itself answers is at /v1/healthz."""
    found = queries.current(actor)
    excluded = [one.name for one in found.components if one.finding.status in ("unknown", "not_configured")]
    components = {one.name: _component(one) for one in found.components}
    told = {"status": found.status, "excluded": excluded, "components": components, "timestamp": found.read_at}
    return entity(request, told)


@router.get(
    "/health", response_model=HealthOut,
    **deprecated_route(since=date(2026, 11, 21), sunset=date(2027, 5, 31), successor=f"/api/v1{HERE}"),
)  # fmt: skip
def get_health_formerly(request: Request, actor: CurrentActor) -> Response:
    """As /v1/superadmin/health, under its first name."""
    return get_health(request, actor)


@router.get(f"{HERE}/days", response_model=DayPage)
def list_health_days(request: Request, actor: CurrentActor, days: Annotated[int, Query(ge=1, le=90)] = 90) -> Response:
    """The last days (UTC), today last."""
    return collection(request, records(queries.days(actor, count=days)))


@router.get("/superadmin/metrics/requests", response_model=RoutePage)
def list_request_metrics(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """Every route of the last hour, slowest first."""
    named = {name: f"{name}_ms" for name in requests.QUANTILES}
    return collection(request, records(requests.last_hour(actor).routes.rename(columns=named)), fields=fields)


@router.get("/superadmin/servers", response_model=ServerPage)
def list_servers(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """Every host that reports or reported, with its last figures."""
    return collection(request, servers.servers(actor), fields=fields)


@router.get("/superadmin/servers/{server_id}", response_model=ServerOut)
def get_server(request: Request, actor: CurrentActor, server_id: UUID) -> Response:
    """One host with its last figures."""
    return entity(request, servers.one(actor, server_id))


@router.get("/superadmin/servers/{server_id}/metrics", response_model=MinutePage)
def list_server_metrics(
    request: Request, actor: CurrentActor, server_id: UUID, hours: Annotated[int, Query(ge=1, le=24)] = 1
) -> Response:
    """One row per minute with a report, oldest first."""
    servers.one(actor, server_id)
    now = utc_now()
    frame = servers.history(actor, server_id, since=now - timedelta(hours=hours), until=now)
    return collection(request, records(frame))

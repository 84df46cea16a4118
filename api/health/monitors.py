"""Monitors for machines: what is watched, how it does, and its history."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Instant,
    Limit,
    Once,
    Search,
    area,
    collection,
    documented,
    entity,
    nothing,
    records,
)
from api.health.monitor_forms import (
    AvailabilityOut,
    CheckerOut,
    CheckPage,
    CoursePage,
    Kind,
    MonitorChange,
    MonitorIn,
    MonitorMadeOut,
    MonitorOut,
    MonitorPage,
    MonitorPausing,
    MonitorSettingsOut,
    State,
    StateSpanPage,
    Tag,
)
from core.health.monitors import actions, queries
from core.health.monitors.actions import Made
from core.health.monitors.models import Monitor
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now

router = area("/superadmin/monitors", "monitors")
PATH = "/api/v1/superadmin/monitors"
LONGEST = timedelta(days=400)
Since = Annotated[Instant | None, Query(description="Default: 24 hours before `until`.")]
Until = Annotated[Instant | None, Query(description="Default: now.")]


def _settings(monitor: Monitor) -> dict[str, Any]:
    return MonitorSettingsOut.model_validate(monitor).model_dump()


def _with_token(made: Made) -> dict[str, Any]:
    path = queries.push_path(made.token) if made.token else None
    return _settings(made.monitor) | {"token": made.token, "push_path": path}


def _version(actor: Actor, monitor_id: UUID, match: IfMatch) -> int | None:
    return match.against(lambda: int(queries.one(actor, monitor_id)["version"]))


def _window(since: datetime | None, until: datetime | None) -> dict[str, datetime]:
    end = until or utc_now()
    begin = since or end - timedelta(days=1)
    if not timedelta() < end - begin <= LONGEST:
        raise Invalid(
            "The window must end after it begins, and be at most 400 days long.", {"since": "Choose another."}
        )
    return {"since": begin, "until": end}


@router.get("", response_model=MonitorPage)
def list_monitors(  # noqa: PLR0913, PLR0917  (the filters)
    request: Request, actor: CurrentActor, fields: Fields,
    search: Annotated[Search, Query(description="Start of a name, part of the target, or an id.")] = "",
    state: Annotated[tuple[State, ...], Query()] = (), kind: Annotated[tuple[Kind, ...], Query()] = (),
    tag: Annotated[tuple[Tag, ...], Query(description="All of them.")] = (), tenant_id: UUID | None = None,
    owner_id: UUID | None = None, cursor: Cursor = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """The monitors in your scope by name, with state and availability."""
    filters = queries.Filters(search, state, kind, tag, tenant_id, owner_id)
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("", status_code=201, response_model=MonitorMadeOut)
def create_monitor(request: Request, actor: CurrentActor, given: MonitorIn, once: Once) -> Response:
    """Makes a monitor, which is checked within seconds. The token of a push monitor is in this answer alone."""
    made = actions.create(actor, **given.model_dump(), once=once)
    return entity(request, _with_token(made), status=201, location=f"{PATH}/{made.monitor.id}")


@router.get("/checker", response_model=CheckerOut)
def get_monitor_checker(request: Request, actor: CurrentActor) -> Response:
    """Whether the checker runs, and how late it is. While it does not, every state is unknown."""
    return entity(request, CheckerOut.model_validate(queries.checker(actor)))


@router.get("/{monitor_id}", response_model=MonitorOut)
def get_monitor(request: Request, actor: CurrentActor, monitor_id: UUID) -> Response:
    """One monitor and how it does. Its ETag is the version of what is set."""
    return entity(request, queries.one(actor, monitor_id))


@router.patch("/{monitor_id}", response_model=MonitorSettingsOut)
def change_monitor(
    request: Request, actor: CurrentActor, monitor_id: UUID, given: MonitorChange, match: IfMatch
) -> Response:
    """Changes a monitor. With If-Match, 412 when somebody was faster; without it, your values win."""
    asked = given.model_dump(exclude_unset=True)
    values = {name: value for name, value in asked.items() if value is not None or name == "owner_id"}
    version = _version(actor, monitor_id, match) or int(queries.one(actor, monitor_id)["version"])
    return entity(request, _settings(actions.update(actor, monitor_id, version=version, **values)))


@router.delete("/{monitor_id}", status_code=204, responses=documented(428))
def delete_monitor(
    actor: CurrentActor, monitor_id: UUID, match: IfMatch,
    reason: Annotated[str, Query(min_length=1, max_length=500, description="Why, for the audit.")],
) -> Response:  # fmt: skip
    """Removes a monitor and what was measured. If-Match is required."""
    match.require()
    actions.delete(actor, monitor_id, reason=reason, version=_version(actor, monitor_id, match))
    return nothing()


@router.post("/{monitor_id}/pause", response_model=MonitorOut)
def pause_monitor(request: Request, actor: CurrentActor, monitor_id: UUID, given: MonitorPausing) -> Response:
    """Stops checking; the time counts for no availability."""
    actions.pause(actor, [monitor_id], reason=given.reason or None)
    return entity(request, queries.one(actor, monitor_id))


@router.post("/{monitor_id}/resume", response_model=MonitorOut)
def resume_monitor(request: Request, actor: CurrentActor, monitor_id: UUID) -> Response:
    """Checks again, within seconds."""
    actions.resume(actor, [monitor_id])
    return entity(request, queries.one(actor, monitor_id))


@router.post("/{monitor_id}/check", status_code=204)
def check_monitor(actor: CurrentActor, monitor_id: UUID) -> Response:
    """Has the checker look within about a second."""
    actions.check_now(actor, monitor_id)
    return nothing()


@router.post("/{monitor_id}/rotate", response_model=MonitorMadeOut)
def rotate_monitor_token(request: Request, actor: CurrentActor, monitor_id: UUID) -> Response:
    """A new token for a push monitor. For 24 hours the one before counts, too."""
    return entity(request, _with_token(actions.rotate_token(actor, monitor_id)))


@router.get("/{monitor_id}/availability", response_model=AvailabilityOut)
def get_monitor_availability(
    request: Request, actor: CurrentActor, monitor_id: UUID, since: Since = None, until: Until = None
) -> Response:
    """How much of the observed time it was up or degraded, and how much was not observed."""
    found = queries.availability(actor, monitor_id, **_window(since, until))
    return entity(request, AvailabilityOut.model_validate(found))


@router.get("/{monitor_id}/states", response_model=StateSpanPage)
def list_monitor_states(
    request: Request, actor: CurrentActor, monitor_id: UUID, since: Since = None, until: Until = None
) -> Response:
    """Its states without a gap; what nobody knows is unknown."""
    return collection(request, records(queries.changes(actor, monitor_id, **_window(since, until))))


@router.get("/{monitor_id}/course", response_model=CoursePage)
def list_monitor_course(
    request: Request, actor: CurrentActor, monitor_id: UUID, since: Since = None, until: Until = None
) -> Response:
    """Latency percentiles and states by minute (up to 6 hours), hour (up to 14 days) or day."""
    window = _window(since, until)
    return collection(request, records(queries.course(actor, monitor_id, since=window["since"], until=window["until"])))


@router.get("/{monitor_id}/checks", response_model=CheckPage)
def list_monitor_checks(
    request: Request, actor: CurrentActor, monitor_id: UUID, fields: Fields, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Single checks of the last 7 days, newest first."""
    page = queries.checks(actor, monitor_id, after=cursor, limit=limit)
    return collection(request, records(page.frame), page.next, fields=fields)

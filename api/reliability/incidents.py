"""Incidents for machines: declared, followed, resolved; with timeline, links, impact and roles.

Two vocabularies are understood: the models specification's (severity low to critical, status open to closed) and the
portal's own (sev1 to sev3, and its states). See incident_words.py.
"""

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
    entity,
    records,
)
from api.reliability import incident_words as words
from api.reliability.incident_changes import change
from api.reliability.incident_forms import (
    ActiveIncidents,
    IncidentChange,
    IncidentIn,
    IncidentOut,
    IncidentPage,
    IncidentWhole,
    Kind,
    Merging,
    Reopening,
    Service,
    Severity,
    State,
    Status,
)
from core.kernel.actor import Actor
from core.reliability.incidents import actions, merging, queries

router = area("/superadmin/incidents", "incidents")
PATH = "/api/v1/superadmin/incidents"
_MOST_ERRORS = 200


def _answer(request: Request, actor: Actor, incident_id: UUID, **more: Any) -> Response:
    return entity(request, words.told(queries.one(actor, incident_id)), **more)


@router.get("", response_model=IncidentPage)
def list_incidents(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    search: Annotated[
        Search, Query(description="Words of title, description, cause and resolution, or a number.")
    ] = "",
    status: Annotated[tuple[Status, ...], Query(description="Statuses of the models specification.")] = (),
    state: Annotated[tuple[State, ...], Query(description="States of the portal; one of either is enough.")] = (),
    severity: Annotated[tuple[Severity, ...], Query(description="Of either vocabulary.")] = (),
    incident_type: Annotated[tuple[Kind, ...], Query()] = (),
    affected_service: Annotated[tuple[Service, ...], Query(description="One of them is enough.")] = (),
    assigned_to: Annotated[tuple[UUID, ...], Query(description="Who leads.")] = (),
    tenant_id: Annotated[UUID | None, Query(description="Those that hit this tenant.")] = None,
    since: Annotated[Instant | None, Query(description="Declared since then.")] = None,
    until: Annotated[Instant | None, Query(description="Declared before then.")] = None,
    archived: Annotated[bool, Query(description="Also those that were closed 90 days ago.")] = False,
    merged: Annotated[bool, Query(description="Also those that go on in another one.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The incidents, newest first."""
    filters = queries.Filters(
        text=search, statuses=words.states_of(status, state), severities=words.severities_of(severity),
        kinds=incident_type, services=affected_service, lead_ids=assigned_to, tenant_id=tenant_id, since=since,
        until=until, with_archived=archived, with_merged=merged, is_untaken="open" in status and set(status) == {"open"},
    )  # fmt: skip
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, [words.told(row) for row in page.rows], page.next, fields=fields)


@router.post("", status_code=201, response_model=IncidentOut)
def create_incident(request: Request, actor: CurrentActor, given: IncidentIn, once: Once) -> Response:
    """Declares an incident: its timeline and its impact are looked for at once."""
    made = actions.declare(
        actor, title=given.title, severity=words.severity_of(given.severity), description=given.description,
        kind=given.incident_type, services=given.affected_services, started_at=given.detected_at, source="api",
        links=[(one.kind, one.target, one.label) for one in given.links], lead_id=given.assigned_to,
        public_title=given.public_title, reported=_reported(given), once=once,
    )  # fmt: skip
    return _answer(request, actor, made.id, status=201, location=f"{PATH}/{made.id}")


def _reported(given: IncidentIn) -> dict[str, Any]:
    return {name: value for name in ("error_logs", "metrics") if (value := getattr(given, name))}


@router.get("/active", response_model=ActiveIncidents)
def list_active_incidents(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """The incidents that run, gravest first, then the newest; at most 200."""
    return collection(request, [words.told(row) for row in queries.live_rows(actor)], None, fields=fields)


@router.get("/{incident_id}", response_model=IncidentWhole)
def get_incident(request: Request, actor: CurrentActor, incident_id: UUID) -> Response:
    """One incident with its errors and its impact, and its version as ETag."""
    row = words.told(queries.one(actor, incident_id))
    errors = records(queries.links(actor, incident_id, kinds=("error",)))[:_MOST_ERRORS]
    known = queries.impact(actor, incident_id)
    figures = {field: known[field]["value"] for field in queries.COMPUTED if field in known}
    told = [{"fingerprint": one["target"], "label": one["label"] or ""} for one in errors]
    return entity(request, {**row, "error_logs": told, "metrics": figures})


@router.patch("/{incident_id}", response_model=IncidentOut)
def change_incident(
    request: Request, actor: CurrentActor, incident_id: UUID, given: IncidentChange, match: IfMatch
) -> Response:
    """Edits an incident, moves it on, resolves it, or opens it again. With If-Match, 412 when somebody was faster.

    The status open or investigating of an incident that is over opens it again, for the `reason`; resolved takes
    `resolution_notes`; closed takes a resolved one. identified and monitoring are states of the portal.
    """
    change(actor, queries.one(actor, incident_id), given, match)
    return _answer(request, actor, incident_id)


@router.post("/{incident_id}/acknowledge", response_model=IncidentOut)
def acknowledge_incident(request: Request, actor: CurrentActor, incident_id: UUID) -> Response:
    """Says that somebody took it."""
    actions.acknowledge(actor, incident_id)
    return _answer(request, actor, incident_id)


@router.post("/{incident_id}/merge", response_model=IncidentOut)
def merge_incidents(request: Request, actor: CurrentActor, incident_id: UUID, given: Merging) -> Response:
    """Closes other incidents in favour of this one, all of them or none."""
    merging.merge(actor, given.incident_ids, into_id=incident_id)
    return _answer(request, actor, incident_id)


@router.post("/{incident_id}/reopen", response_model=IncidentOut)
def reopen_incident(
    request: Request, actor: CurrentActor, incident_id: UUID, given: Reopening, match: IfMatch
) -> Response:
    """Takes a resolved or closed incident up again."""
    version = match.against(lambda: int(queries.one(actor, incident_id)["version"]))
    actions.reopen(actor, incident_id, reason=given.reason, version=version)
    return _answer(request, actor, incident_id)

"""Alerts for machines: the inbox, one alert, and what people do with them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    Instant,
    Limit,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
    nothing,
    records,
)
from core.health.alerts import actions, queries

router = area("/superadmin/alerts", "alerts")

Status = Literal["open", "acknowledged", "resolved", "dismissed"]
Severity = Literal["critical", "warning", "info"]
Ids = Annotated[list[UUID], Field(min_length=1, max_length=actions.MOST)]
Note = Annotated[str, Field(max_length=actions.MAX_NOTE)]
Area = Annotated[str, Field(min_length=1, max_length=120)]


class AlertOut(Out):
    """An alert; times in UTC. `value_*` and `bound` are in `unit`; `unknown_since`: nothing was measured since then.

    Nobody is told of one that does not notify (it belongs to the cause `parent_id`), or is silenced.
    """

    id: UUID
    opened_at: datetime
    status: Status
    severity: Severity
    area: str
    rule_id: UUID
    rule: str
    subject: str
    summary: str
    value_first: float | None
    value_worst: float | None
    value_last: float | None
    bound: float | None
    unit: str
    occurrences: int
    is_flapping: bool
    is_group: bool
    is_silenced: bool
    silenced_until: datetime | None
    notifies: bool
    parent_id: UUID | None
    children: int
    tenant_id: UUID | None
    tenant: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    resolved_at: datetime | None
    resolved_by: str | None
    last_seen_at: datetime | None
    unknown_since: datetime | None
    group_key: str
    link: str | None
    runbook_url: str | None
    labels: dict[str, Any]
    version: int


class AlertPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[AlertOut]
    next: str | None


class Happened(Out):
    """Something that happened to an alert; `by` is null where the portal itself did it."""

    at: datetime
    kind: str
    by: str | None
    note: str


class History(Out):
    """Oldest first."""

    items: list[Happened]
    next: None


class Chosen(Strict):
    """Which alerts, and what to say of it."""

    alert_ids: Ids
    note: Note | None = None


class Dismissal(Strict):
    """Which alerts, and why they are of no concern."""

    alert_ids: Ids
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class Comment(Strict):
    text: Annotated[str, Field(min_length=1, max_length=actions.MAX_NOTE)]


class Done(Out):
    """How many alerts were changed; the others had been dealt with before."""

    changed: int


@router.get("", response_model=AlertPage)
def list_alerts(  # noqa: PLR0913, PLR0917  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    search: Annotated[Search, Query(description="Part of a subject, summary or rule, or an id.")] = "",
    status: Annotated[tuple[Status, ...], Query()] = ("open", "acknowledged"),
    severity: Annotated[tuple[Severity, ...], Query()] = (),
    area: Annotated[tuple[Area, ...], Query()] = (),
    rule_id: UUID | None = None,
    tenant_id: UUID | None = None,
    parent_id: Annotated[UUID | None, Query(description="Those of one common cause.")] = None,
    since: Annotated[Instant | None, Query(description="Opened since then.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The alerts in your scope, newest first; live ones unless `status` says otherwise."""
    filters = queries.Filters(status, severity, area, rule_id, tenant_id, search, since, parent_id)
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.post("/acknowledge", response_model=Done)
def acknowledge_alerts(request: Request, actor: CurrentActor, given: Chosen) -> Response:
    """You look after these alerts; escalation stops."""
    return entity(request, {"changed": actions.acknowledge(actor, given.alert_ids, note=given.note)})


@router.post("/resolve", response_model=Done)
def resolve_alerts(request: Request, actor: CurrentActor, given: Chosen) -> Response:
    """All is well again. What still fires after that opens again."""
    return entity(request, {"changed": actions.resolve(actor, given.alert_ids, note=given.note)})


@router.post("/dismiss", response_model=Done)
def dismiss_alerts(request: Request, actor: CurrentActor, given: Dismissal) -> Response:
    """Of no concern: they stay away until their conditions have ended and begin again."""
    return entity(request, {"changed": actions.dismiss(actor, given.alert_ids, reason=given.reason)})


@router.get("/{alert_id}", response_model=AlertOut)
def get_alert(request: Request, actor: CurrentActor, alert_id: UUID) -> Response:
    """One alert."""
    return entity(request, dict(queries.one(actor, alert_id)._mapping))


@router.get("/{alert_id}/history", response_model=History)
def get_alert_history(request: Request, actor: CurrentActor, alert_id: UUID) -> Response:
    """What happened to the alert, by whom, and why."""
    queries.one(actor, alert_id)
    return collection(request, records(queries.history(actor, alert_id)))


@router.post("/{alert_id}/comments", status_code=204)
def comment_on_alert(actor: CurrentActor, alert_id: UUID, given: Comment) -> Response:
    """Adds to what is told of the alert."""
    actions.comment(actor, alert_id, text=given.text)
    return nothing()

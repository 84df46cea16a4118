"""Errors for machines: by what caused them, single ones, what people decided, and all that is known of a request."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import Field

from api.answers import JSON, to_json
from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    IfMatch,
    Instant,
    Limit,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
    records,
)
from core.health.errors import actions, correlation, queries, samples, states
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.rollups import grain_for, start_of
from core.kernel.times import utc_now

router = area("/superadmin", "errors")

State = Literal["open", "returned", "acknowledged", "resolved", "ignored"]
Fingerprint = Annotated[
    str, Path(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z_.:-]+$", examples=["3f1c9d2ab04e77c1"])
]
RequestId = Annotated[
    str, Path(min_length=1, max_length=correlation.LONGEST, examples=["4bf92f3577b34da6a3ce929d0e0e4736"])
]
Since = Annotated[
    Instant | None, Query(description="From when on errors count, down to the minute, hour or day; a day ago.")
]
Until = Annotated[Instant | None, Query(description="Up to when errors count; now.")]
LONGEST = timedelta(days=400)


class GroupOut(Out):
    """The errors of one cause; times in UTC. `message` is what the first said. `errors` and `tenants` are how often it was
    seen, and for how many tenants, in the time that was asked for. `version` is 0 until somebody does something."""

    fingerprint: str
    service: str
    type: str
    message: str | None
    route: str
    first_seen_at: datetime
    last_seen_at: datetime
    state: State
    assignee_id: UUID | None
    assignee: str | None
    note: str | None
    resolved_at: datetime | None
    changed_at: datetime | None
    changed_by: str | None
    version: int
    errors: int
    tenants: int


class GroupPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[GroupOut]
    next: str | None


class SampleOut(Out):
    """One error. `request_id` leads to all that is known of its request; it is empty when unknown."""

    at: datetime
    id: UUID
    message: str
    route: str
    service: str
    tenant_id: UUID | None
    tenant: str | None
    request_id: str
    operator_id: UUID | None


class SamplePage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[SampleOut]
    next: str | None


class TracedOut(SampleOut):
    """One error with its trace."""

    type: str
    trace: str


class StepOut(Out):
    """`key` is the fingerprint of an error, the id of an audit entry or of a job."""

    at: datetime
    kind: Literal["request", "error", "audit", "job"]
    title: str
    detail: str | None
    outcome: Literal["ok", "failed", "denied"]
    service: str
    tenant_id: UUID | None
    tenant: str | None
    duration_ms: float | None
    key: str


class TraceOut(Out):
    """`hidden` are the kinds that you may not see. Audit entries and jobs were looked for from `since` to `until`."""

    request_id: str
    items: list[StepOut]
    hidden: list[str]
    since: datetime
    until: datetime


class Triage(Strict):
    """Either a new state or a new assignee (null for nobody). Ignoring takes a note that says why."""

    state: Literal["open", "acknowledged", "resolved", "ignored"] | None = None
    assignee_id: UUID | None = None
    note: Annotated[str, Field(max_length=states.MAX_NOTE)] | None = None


def _span(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """Whole buckets: the beginning goes down to that of its minute, hour or day. Raises Invalid."""
    end = until or utc_now() + timedelta(minutes=1)
    begin = since or end - timedelta(days=1)
    if not timedelta(0) < end - begin <= LONGEST:
        sentence = f"`until` comes after `since`, and not more than {LONGEST.days} days."
        raise Invalid(sentence, {"since": sentence})
    return start_of(begin, grain_for(begin, end)), end


@router.get("/errors", response_model=GroupPage)
def list_errors(  # noqa: PLR0913, PLR0917  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    search: Annotated[Search, Query(description="Part of a type, message or route, or a fingerprint.")] = "",
    service: Annotated[tuple[str, ...], Query()] = (),
    state: Annotated[tuple[State, ...], Query()] = (),
    type: Annotated[tuple[str, ...], Query(description="Whole names of types.")] = (),
    assignee_id: UUID | None = None,
    tenant_id: Annotated[UUID | None, Query(description="Counts the errors of this tenant alone.")] = None,
    since: Since = None,
    until: Until = None,
    sort: queries.Sort = "last_seen_at",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The errors of a time by cause, highest first. Send the same `since` and `until` with a cursor."""
    filters = queries.Filters(search, service, state, type, assignee_id, tenant_id)
    page = queries.directory(actor, filters, *_span(since, until), sort=sort, after=cursor, limit=limit)
    return collection(request, records(page.frame), page.next, fields=fields)


@router.get("/errors/{fingerprint}", response_model=GroupOut)
def get_error(actor: CurrentActor, fingerprint: Fingerprint, since: Since = None, until: Until = None) -> Response:
    """The errors of one cause, with the version of what people decided as ETag."""
    return _answer(actor, fingerprint, _span(since, until))


@router.patch("/errors/{fingerprint}", response_model=GroupOut)
def triage_error(actor: CurrentActor, fingerprint: Fingerprint, given: Triage, match: IfMatch) -> Response:
    """Acknowledges, resolves, ignores, opens again or assigns. With If-Match, 412 when somebody was faster."""
    time = _span(None, None)
    version = match.against(lambda: int(queries.one(actor, fingerprint, *time)["version"]))
    versions = None if version is None else {fingerprint: version}
    _act(given)(actor, [fingerprint], versions=versions, **_given(given))
    return _answer(actor, fingerprint, time)


_ACTS: dict[str, Callable[..., Any]] = {
    "open": actions.reopen, "acknowledged": actions.acknowledge, "resolved": actions.resolve, "ignored": actions.ignore,
}  # fmt: skip


def _act(given: Triage) -> Callable[..., Any]:
    """Raises Invalid for both at once, or neither."""
    has_assignee = "assignee_id" in given.model_fields_set
    if (given.state is None) is not has_assignee:
        raise Invalid("Send either a state or an assignee_id.", {"state": "Either this or assignee_id."})
    if has_assignee and given.note is not None:
        raise Invalid("A note goes with a state.", {"note": "Send it with a state."})
    return actions.assign if given.state is None else _ACTS[given.state]


def _given(given: Triage) -> dict[str, Any]:
    if given.state is None:
        return {"assignee_id": given.assignee_id}
    return {"reason" if given.state == "ignored" else "note": given.note or ""}


def _answer(actor: Actor, fingerprint: str, time: tuple[datetime, datetime]) -> Response:
    """Never 304: the counts change while the version stays."""
    row = queries.one(actor, fingerprint, *time)
    return Response(to_json(row), 200, {"ETag": f'"{row["version"]}"'}, JSON)


@router.get("/errors/{fingerprint}/samples", response_model=SamplePage)
def list_error_samples(
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    fingerprint: Fingerprint,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The single errors that are kept, latest first, without traces."""
    page = samples.samples(actor, fingerprint, after=cursor, limit=limit)
    return collection(request, records(page.frame), page.next, fields=fields)


@router.get("/errors/{fingerprint}/samples/{error_id}", response_model=TracedOut)
def get_error_sample(request: Request, actor: CurrentActor, fingerprint: Fingerprint, error_id: UUID) -> Response:
    """One error with its trace."""
    return entity(request, samples.sample(actor, fingerprint, error_id))


@router.get("/requests/{request_id}", response_model=TraceOut)
def get_request_trace(request: Request, actor: CurrentActor, request_id: RequestId) -> Response:
    """Requests, errors, audit entries and jobs of one correlation id, in the order of time, as far as you may see them."""
    found = correlation.timeline(actor, request_id)
    about = {"request_id": found.request_id, "hidden": list(found.hidden), "since": found.since, "until": found.until}
    return entity(request, about | {"items": records(found.rows)})

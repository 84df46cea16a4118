"""Post-mortems, action items and figures of incidents for machines."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    PRODUCES,
    CurrentActor,
    Cursor,
    Day,
    Fields,
    IfMatch,
    Instant,
    Limit,
    Once,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
    records,
)
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from core.reliability.review import actions, document, document_pdf, figures, items, queries, rules

router = area("/superadmin/incidents", "incidents")
item_router = area("/superadmin/action-items", "incidents")

MARKDOWN, PDF = "text/markdown; charset=utf-8", "application/pdf"
Priority = Literal["high", "medium", "low"]
ItemStatus = Literal["open", "done", "cancelled"]
Text = Annotated[str, Field(max_length=rules.MAX_TEXT)]


class Factor(Strict):
    kind: Literal["process", "people", "technology", "monitoring", "dependency", "change"]
    text: Annotated[str, Field(min_length=1, max_length=rules.MAX_WHY)]


class PostMortemOut(Out):
    """`whys` are answers, each to the one before it."""

    incident_id: UUID
    status: Literal["draft", "review", "approved"]
    summary: str
    whys: list[str]
    factors: list[Factor]
    went_well: str
    went_wrong: str
    was_lucky: str
    owner_id: UUID | None
    owner: str | None
    reviewed_by_name: str | None
    reviewed_at: datetime | None
    review_note: str
    version: int


class PostMortemEdit(Strict):
    """What is left out stays as it is."""

    summary: Text | None = None
    whys: Annotated[list[Annotated[str, Field(max_length=rules.MAX_WHY)]], Field(max_length=rules.MAX_WHYS)] | None = (
        None
    )
    factors: Annotated[list[Factor], Field(max_length=rules.MAX_FACTORS)] | None = None
    went_well: Text | None = None
    went_wrong: Text | None = None
    was_lucky: Text | None = None


class ItemOut(Out):
    id: UUID
    incident_id: UUID
    title: str
    owner_id: UUID | None
    due_on: date | None
    priority: Priority
    status: ItemStatus
    note: str
    done_at: datetime | None
    done_by_name: str | None
    created_at: datetime
    version: int


class ItemRow(ItemOut):
    """`reference` and `incident` are the number and the title of the incident."""

    owner: str | None
    reference: str
    incident: str
    severity: str
    is_overdue: bool


class ItemPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[ItemRow]
    next: str | None


class ItemIn(Strict):
    incident_id: UUID
    title: Annotated[str, Field(min_length=1, max_length=rules.MAX_TITLE)]
    owner_id: UUID | None = None
    due_on: Day | None = None
    priority: Priority = "medium"
    note: Text = ""


class FigureOut(Out):
    """Means in seconds, null where there is nothing to take one of; `in_time` of `judged` were resolved within the target."""

    group: str
    incidents: int
    live: int
    resolved: int
    mtta_s: float | None
    mttr_s: float | None
    mtbf_s: float | None
    in_time: int
    judged: int


class FigurePage(Out):
    items: list[FigureOut]
    next: None


def _known(actor: Actor, incident_id: UUID) -> dict[str, Any]:
    found = queries.post_mortem(actor, incident_id)
    if found is None:
        raise NotFound("This incident has no post-mortem yet. Begin it by POST.")
    return {name: found[name] for name in PostMortemOut.model_fields}


@router.get("/figures", response_model=FigurePage)
def get_incident_figures(
    request: Request, actor: CurrentActor, *, by: Literal["all", "severity", "service"] = "severity",
    since: Annotated[Instant | None, Query(description="90 days ago unless given.")] = None,
    until: Annotated[Instant | None, Query(description="Now unless given.")] = None,
) -> Response:  # fmt: skip
    """MTTA, MTTR and MTBF of the incidents that began in this time."""
    end = until or utc_now()
    try:
        start = since or end - timedelta(days=90)
    except OverflowError:
        start = datetime.min.replace(tzinfo=UTC)
    return collection(request, records(figures.figures(actor, start, end, by=by)))


@router.get("/{incident_id}/post-mortem", response_model=PostMortemOut)
def get_post_mortem(request: Request, actor: CurrentActor, incident_id: UUID) -> Response:
    """The post-mortem of an incident, with its version as ETag."""
    return entity(request, _known(actor, incident_id))


@router.post("/{incident_id}/post-mortem", status_code=201, response_model=PostMortemOut)
def begin_post_mortem(request: Request, actor: CurrentActor, incident_id: UUID) -> Response:
    """Begins it; the incident has to be resolved."""
    actions.begin(actor, incident_id)
    return entity(request, _known(actor, incident_id), status=201)


@router.patch("/{incident_id}/post-mortem", response_model=PostMortemOut)
def save_post_mortem(
    request: Request, actor: CurrentActor, incident_id: UUID, given: PostMortemEdit, match: IfMatch
) -> Response:
    """Keeps what was written."""
    current = _known(actor, incident_id)["version"]
    values = {name: value for name, value in given.model_dump(exclude_unset=True).items() if value is not None}
    actions.save(actor, incident_id, version=match.against(lambda: current) or current, **values)
    return entity(request, _known(actor, incident_id))


@router.get("/{incident_id}/post-mortem/markdown", response_class=Response, openapi_extra={PRODUCES: MARKDOWN})
def get_post_mortem_as_markdown(actor: CurrentActor, incident_id: UUID) -> Response:
    """The whole document: facts, impact, timeline, causes, lessons, action items. Times in UTC."""
    made = document.compose(actor, incident_id, now=utc_now(), zone=document.UTC_ZONE)
    return Response(document.to_markdown(made), media_type=MARKDOWN)


@router.get("/{incident_id}/post-mortem/pdf", response_class=Response, openapi_extra={PRODUCES: PDF})
def get_post_mortem_as_pdf(actor: CurrentActor, incident_id: UUID) -> Response:
    """The same as a PDF."""
    made = document.compose(actor, incident_id, now=utc_now(), zone=document.UTC_ZONE)
    return Response(document_pdf.render(made), media_type=PDF)


@item_router.get("", response_model=ItemPage)
def list_action_items(  # noqa: PLR0913  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    *,
    search: Annotated[Search, Query(description="Part of what is to be done, or of the incident's title.")] = "",
    status: Annotated[tuple[ItemStatus, ...], Query()] = (),
    priority: Annotated[tuple[Priority, ...], Query()] = (),
    incident_id: UUID | None = None,
    overdue: bool = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Action items, those due first in front."""
    filters = queries.Filters(search, status, priority, (), incident_id, overdue)
    page = queries.items(actor, filters, after=cursor, limit=limit)
    rows = [{name: row[name] for name in ItemRow.model_fields} for row in records(page.frame)]
    return collection(request, rows, page.next, fields=fields)


@item_router.post("", status_code=201, response_model=ItemOut)
def create_action_item(request: Request, actor: CurrentActor, given: ItemIn, once: Once) -> Response:
    """Notes what is to be done after an incident."""
    made = items.add(actor, once=once, **given.model_dump())
    return entity(request, ItemOut.model_validate(made), status=201)


@item_router.post("/{item_id}/complete", response_model=ItemOut)
def complete_action_item(request: Request, actor: CurrentActor, item_id: UUID) -> Response:
    """Says that it is done."""
    return entity(request, ItemOut.model_validate(items.complete(actor, item_id)))

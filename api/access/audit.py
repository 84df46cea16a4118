"""The audit trail for machines: search, one entry, export to CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Depends, Query, Request, Response

from api.answers import next_page
from api.conventions import PRODUCES, CurrentActor, Cursor, Fields, Instant, Limit, Out, area, collection, entity
from core.access.audit import queries
from core.access.audit.queries import Filters

router = area("/superadmin/audit-logs", "audit")
CSV = "text/csv"
LARGEST_EXPORT = 10_000
_Text = Query(max_length=200)
# A spreadsheet runs a cell that begins with one of these as a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class EntryOut(Out):
    """One action on one tenant. `changes` lists table, id, operation and columns with [before, after]."""

    id: UUID
    occurred_at: datetime
    action: str
    outcome: str
    severity: Literal["info", "warning", "critical"]
    actor_id: UUID | None
    actor_name: str
    actor_role: str
    channel: str
    ip: str | None
    user_agent: str | None
    request_id: str
    reason: str | None
    tenant_id: UUID | None
    entity_type: str | None
    entity_ids: list[UUID]
    changes: list[dict[str, Any]]
    details: dict[str, Any]


class EntryPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[EntryOut]
    next: str | None


async def _filters(  # noqa: PLR0913  (the filters of the models document)
    *,
    user: Annotated[str | None, _Text] = None,
    user_id: UUID | None = None,
    action: Annotated[str | None, _Text] = None,
    entity_type: Annotated[str | None, _Text] = None,
    entity_id: UUID | None = None,
    severity: Literal["info", "warning", "critical"] | None = None,
    outcome: Literal["done", "denied"] | None = None,
    tenant_id: UUID | None = None,
    request_id: Annotated[str | None, _Text] = None,
    since: Instant | None = None,
    until: Instant | None = None,
) -> Filters:
    """`user`, `action` (such as `tenants.`) and `entity_type` match from their start; `until` is excluded."""
    return Filters(
        action=action, actor_id=user_id, actor_name=user, entity_type=entity_type, outcome=outcome, severity=severity,
        tenant_id=tenant_id, entity_id=entity_id, request_id=request_id, since=since, until=until,
    )  # fmt: skip


Asked = Annotated[Filters, Depends(_filters)]


@router.get("", response_model=EntryPage)
def list_audit_entries(
    request: Request, actor: CurrentActor, filters: Asked, fields: Fields, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """Who did what, newest first. `user`, `action` and `entity_type` match from their start; `until` is excluded."""
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    return collection(request, page.rows, page.next, fields=fields)


@router.get("/export", response_class=Response, openapi_extra={PRODUCES: CSV})
def export_audit_entries(
    request: Request, actor: CurrentActor, filters: Asked, cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_EXPORT, description="Rows.")] = LARGEST_EXPORT,
) -> Response:  # fmt: skip
    """The same as CSV (RFC 4180), newest first; where there are more rows than `limit`, the Link header leads on."""
    page = queries.listing(actor, filters, after=cursor, limit=limit)
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    if page.next:
        headers["Link"] = f'<{next_page(request, page.next)}>; rel="next"'
    return Response(_as_csv(page.rows), 200, headers, CSV)


def _as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO()
    names = list(EntryOut.model_fields)
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    text = orjson.dumps(value, default=str).decode() if isinstance(value, (list, dict)) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


@router.get("/{entry_id}", response_model=EntryOut)
def get_audit_entry(request: Request, actor: CurrentActor, entry_id: UUID) -> Response:
    """One entry with everything that was recorded."""
    return entity(request, queries.one(actor, entry_id))

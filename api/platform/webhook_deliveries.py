"""Deliveries of webhooks for machines: find, read with their attempts, send again."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    Instant,
    Limit,
    Out,
    Strict,
    area,
    collection,
    entity,
    records,
)
from core.platform.webhooks import actions, queries
from core.platform.webhooks.queries import DeliveryFilters

router = area("/superadmin", "webhooks")

Status = Literal["waiting", "delivered", "failed", "cancelled"]


class DeliveryRow(Out):
    """One event for one endpoint. `webhook` is null when the endpoint is gone, `next_attempt_at` when it is finished."""

    id: UUID
    created_at: datetime
    webhook_id: UUID
    webhook: str | None
    event_type: str
    message_id: str
    tenant_id: UUID | None
    status: Status
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    finished_at: datetime | None
    replayed_at: datetime | None


class DeliveryPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[DeliveryRow]
    next: str | None


class AttemptOut(Out):
    """One call. `status` is null without an answer, `error` is null after a 2xx; at most 1 kB of the answer's body."""

    at: datetime
    number: int
    is_success: bool
    status: int | None
    duration_ms: float
    error: str | None
    url: str
    request_headers: dict[str, Any]
    response_headers: dict[str, Any] | None
    response_body: str | None
    sent_by: str


class DeliveryOut(DeliveryRow):
    """A delivery with its body, as it is sent at every attempt, and its attempts, oldest first (at most 100)."""

    event_id: UUID
    body: str
    history: list[AttemptOut]


class RetryIn(Strict):
    deliveries: Annotated[list[UUID], Field(min_length=1, max_length=1_000)]


class RetriedOut(Out):
    deliveries: int


def _filters(
    status: Annotated[tuple[Status, ...], Query()] = (),
    event_type: Annotated[tuple[str, ...], Query(max_length=50)] = (),
    since: Instant | None = None,
    until: Instant | None = None,
    id: Annotated[str, Query(max_length=100, description="webhook-id, or id of the delivery or the event.")] = "",
) -> DeliveryFilters:
    """`since` and `until` (excluded) bound `created_at`."""
    return DeliveryFilters(None, status, event_type, since, until, id)


Asked = Annotated[DeliveryFilters, Depends(_filters)]


@router.get("/webhook-deliveries", response_model=DeliveryPage)
def list_webhook_deliveries(
    request: Request, actor: CurrentActor, asked: Asked, fields: Fields, webhook_id: UUID | None = None,
    cursor: Cursor = None, limit: Limit = 50,
) -> Response:  # fmt: skip
    """The deliveries in your scope, newest first."""
    page = queries.deliveries(actor, _of(asked, webhook_id), after=cursor, limit=limit)
    return collection(request, records(page.frame), page.next, fields=fields)


@router.get("/webhooks/{webhook_id}/deliveries", response_model=DeliveryPage)
def list_deliveries_of_webhook(
    request: Request, actor: CurrentActor, webhook_id: UUID, asked: Asked, fields: Fields, cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:  # fmt: skip
    """The deliveries of one webhook, newest first; also of one that is gone."""
    page = queries.deliveries(actor, _of(asked, webhook_id), after=cursor, limit=limit)
    return collection(request, records(page.frame), page.next, fields=fields)


def _of(asked: DeliveryFilters, webhook_id: UUID | None) -> DeliveryFilters:
    return DeliveryFilters(webhook_id, asked.statuses, asked.event_types, asked.since, asked.until, asked.text)


@router.get("/webhook-deliveries/{delivery_id}", response_model=DeliveryOut)
def get_webhook_delivery(request: Request, actor: CurrentActor, delivery_id: UUID) -> Response:
    """One delivery with its body and attempts."""
    found = queries.delivery(actor, delivery_id)
    if found["status"] != "waiting":
        found["next_attempt_at"] = None
    return entity(request, found | {"history": records(queries.attempts(actor, delivery_id))})


@router.post("/webhook-deliveries/retry", response_model=RetriedOut)
def retry_webhook_deliveries(request: Request, actor: CurrentActor, given: RetryIn) -> Response:
    """Sends these deliveries again now, with their ids of before. Those that are not in your sight are passed over."""
    return entity(request, {"deliveries": actions.retry(actor, given.deliveries)})

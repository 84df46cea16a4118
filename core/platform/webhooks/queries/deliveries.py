"""Reads of deliveries, their attempts and tests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import String, case, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, as_id, read
from core.platform.webhooks.actions import MOST_REPLAYED, Window
from core.platform.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery
from core.platform.webhooks.queries.endpoints import not_found


@dataclass(frozen=True, slots=True)
class DeliveryFilters:
    """Of which webhook, in which state, of which event type; `since` and `until` bound created_at; `text` is an id."""

    webhook_id: UUID | None = None
    statuses: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


def _deliveries(filters: DeliveryFilters, *columns: Any) -> AnySelect:
    table = WebhookDelivery
    statement = select(*columns).outerjoin(Webhook, Webhook.id == table.webhook_id)
    conditions = {table.webhook_id: filters.webhook_id}
    statement = statement.where(*(column == value for column, value in conditions.items() if value is not None))
    if filters.statuses:
        statement = statement.where(table.status.in_(filters.statuses))
    if filters.event_types:
        statement = statement.where(table.event_type.in_(filters.event_types))
    if filters.since:
        statement = statement.where(table.created_at >= filters.since)
    if filters.until:
        statement = statement.where(table.created_at < filters.until)
    return _of_id(statement, filters.text.strip().removeprefix("msg_")) if filters.text.strip() else statement


def _of_id(statement: AnySelect, text: str) -> AnySelect:
    key = as_id(text)
    if key is None:
        raise Invalid(
            "Look for a whole id: of the message (msg_...), the delivery or the event.", {"text": "Not an id."}
        )
    return statement.where(or_(WebhookDelivery.id == key, WebhookDelivery.event_id == key))


def deliveries(actor: Actor, filters: DeliveryFilters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per delivery, newest first.

    Columns: id, created_at, webhook_id, webhook (name, NA when it was removed), event_type, message_id, tenant_id, status,
    attempts (of this round), next_attempt_at (NA when finished), last_status, last_error, finished_at, replayed_at.
    Raises Invalid for a text that is no id.
    """
    require(actor, "webhooks:read")
    table = WebhookDelivery
    due = case((table.status == "waiting", table.next_attempt_at)).label("next_attempt_at")
    columns = (
        table.id, table.created_at, table.webhook_id, Webhook.name.label("webhook"), table.event_type,
        _message_id(), table.tenant_id, table.status, table.attempts, due, table.last_status, table.last_error,
        table.finished_at, table.replayed_at,
    )  # fmt: skip
    with read(actor) as rx:
        return rx.page(_deliveries(filters, *columns), keys=[table.created_at, table.id], after=after, limit=limit)


def _message_id() -> ColumnElement[str]:
    text = func.replace(WebhookDelivery.event_id.cast(String), "-", "", type_=String)
    return func.concat(literal("msg_"), text, type_=String).label("message_id")


def delivery(actor: Actor, delivery_id: UUID) -> dict[str, Any]:
    """One delivery with its body (text): the columns of `deliveries` and body, event_id. Raises NotFound."""
    require(actor, "webhooks:read")
    table = WebhookDelivery
    columns = (
        table.id, table.created_at, table.webhook_id, Webhook.name.label("webhook"), table.event_type, _message_id(),
        table.tenant_id, table.status, table.attempts, table.next_attempt_at, table.last_status, table.last_error,
        table.finished_at, table.replayed_at, table.body, table.event_id,
    )  # fmt: skip
    with read(actor) as rx:
        statement = select(*columns).outerjoin(Webhook, Webhook.id == table.webhook_id).where(table.id == delivery_id)
        found = rx.one(statement)
    if found is None:
        raise not_found("delivery")
    return found._asdict()


_ATTEMPT = (
    WebhookAttempt.at, WebhookAttempt.number, WebhookAttempt.is_success, WebhookAttempt.status,
    WebhookAttempt.duration_ms, WebhookAttempt.error, WebhookAttempt.url, WebhookAttempt.request_headers,
    WebhookAttempt.response_headers, WebhookAttempt.response_body, WebhookAttempt.sent_by,
)  # fmt: skip


def attempts(actor: Actor, delivery_id: UUID, *, limit: int = 100) -> pd.DataFrame:
    """The attempts of one delivery, oldest first.

    Columns: at, number, is_success, status (NA without an answer), duration_ms, error, url, request_headers (dict),
    response_headers (dict), response_body (its first kB), sent_by.
    """
    require(actor, "webhooks:read")
    statement = select(*_ATTEMPT).where(WebhookAttempt.delivery_id == delivery_id).order_by(WebhookAttempt.at)
    with read(actor) as rx:
        return rx.frame(statement, limit=limit)


def tests(actor: Actor, webhook_id: UUID, *, limit: int = 20) -> pd.DataFrame:
    """The latest test calls of one webhook, newest first: event_type, request_body and the columns of `attempts`."""
    require(actor, "webhooks:read")
    mine = (WebhookAttempt.webhook_id == webhook_id, WebhookAttempt.delivery_id.is_(None))
    statement = select(WebhookAttempt.event_type, WebhookAttempt.request_body, *_ATTEMPT).where(*mine)
    with read(actor) as rx:
        return rx.frame(statement.order_by(WebhookAttempt.at.desc()), limit=limit)


def replay_preview(actor: Actor, window: Window) -> tuple[int, pd.DataFrame]:
    """How many deliveries a replay of the window sends (counted up to 10,001), and its first 20: those of `deliveries`."""
    require(actor, "webhooks:read")
    chosen = select(WebhookDelivery.id).where(window.condition()).limit(MOST_REPLAYED + 1).subquery()
    table = WebhookDelivery
    first = select(table.id, table.created_at, table.event_type, _message_id(), table.status, table.last_status,
                   table.last_error).where(window.condition()).order_by(table.created_at)  # fmt: skip
    with read(actor) as rx:
        return int(rx.value(select(func.count()).select_from(chosen)) or 0), rx.frame(first, limit=20)


def waiting_count(actor: Actor, webhook_id: UUID | None = None) -> int:
    """How many deliveries wait, of one webhook or of all, counted up to 100,000."""
    require(actor, "webhooks:read")
    waiting = select(WebhookDelivery.id).where(WebhookDelivery.status == "waiting").limit(100_000)
    if webhook_id is not None:
        waiting = waiting.where(WebhookDelivery.webhook_id == webhook_id)
    with read(actor) as rx:
        return int(rx.value(select(func.count()).select_from(waiting.subquery())) or 0)

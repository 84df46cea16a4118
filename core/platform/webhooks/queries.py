"""Reads of webhooks, their deliveries and attempts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Float, String, case, func, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, as_id, read
from core.kernel.times import utc_now
from core.platform.webhooks import signatures
from core.platform.webhooks.actions import MOST_REPLAYED, Window
from core.platform.webhooks.models import WEBHOOK_ROLLUP, Webhook, WebhookAttempt, WebhookDelivery, WebhookLane

STATES = ("active", "failing", "resting", "disabled")
RATE_OVER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds the start of a name or host's URL, or an id. Empty values do not filter."""

    text: str = ""
    states: tuple[str, ...] = ()
    event: str = ""
    tenant_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class DeliveryFilters:
    """Of which webhook, in which state, of which event type; `since` and `until` bound created_at; `text` is an id."""

    webhook_id: UUID | None = None
    statuses: tuple[str, ...] = ()
    event_types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""


def _state() -> ColumnElement[str]:
    return case(
        (Webhook.disabled_at.is_not(None), "disabled"),
        (WebhookLane.open_until > func.now(), "resting"),
        (WebhookLane.failures > 0, "failing"),
        else_="active",
    ).label("state")


def _rates() -> Any:
    hour = WEBHOOK_ROLLUP.hour.__table__.c
    since = func.now() - RATE_OVER
    return (
        select(hour.webhook_id, func.sum(hour.total).label("total"), func.sum(hour.failures).label("failures"))
        .where(hour.bucket >= since).group_by(hour.webhook_id).subquery("rates")
    )  # fmt: skip


def _columns(rates: Any) -> tuple[Any, ...]:
    ratio = case((rates.c.total > 0, 1 - rates.c.failures.cast(Float) / rates.c.total)).label("success_ratio")
    return (
        Webhook.id, Webhook.name, Webhook.url, Webhook.events, Tenant.name.label("tenant"), Webhook.tenant_id, _state(),
        ratio, WebhookLane.last_attempt_at, WebhookLane.last_status, WebhookLane.last_error, WebhookLane.failures,
        WebhookLane.failing_since, WebhookLane.open_until, Webhook.created_at, Webhook.disabled_at, Webhook.disabled_by,
        Webhook.disabled_reason, Webhook.version,
    )  # fmt: skip


def _joined(columns: Sequence[Any], rates: Any) -> AnySelect:
    return (
        select(*columns).select_from(Webhook)
        .outerjoin(WebhookLane, WebhookLane.webhook_id == Webhook.id)
        .outerjoin(Tenant, Tenant.id == Webhook.tenant_id)
        .outerjoin(rates, rates.c.webhook_id == Webhook.id)
    )  # fmt: skip


def _narrow(statement: AnySelect, filters: Filters) -> AnySelect:
    wanted = filters.text.strip().lower()
    if wanted:
        key = as_id(wanted)
        named = or_(
            func.lower(Webhook.name).startswith(wanted, autoescape=True),
            *(
                func.lower(Webhook.url).startswith(scheme + wanted, autoescape=True)
                for scheme in ("", "https://", "http://")
            ),
        )
        statement = statement.where(Webhook.id == key if key else named)
    if filters.states:
        statement = statement.where(_state().in_(filters.states))
    if filters.event:
        resource = f"{filters.event.split('.')[0]}.*"
        statement = statement.where(Webhook.events.overlap([filters.event, resource, "*"]))
    return statement.where(Webhook.tenant_id == filters.tenant_id) if filters.tenant_id else statement


def directory(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per webhook in sight, newest first.

    Columns: id, name, url, events (list), tenant (NA: of the platform, or a tenant whose name is not in sight), tenant_id,
    state (active, failing, resting: the circuit breaker is open, disabled), success_ratio (of the attempts of 24 hours, NA
    without any), last_attempt_at, last_status, last_error, failures (in a row), failing_since, open_until, created_at,
    disabled_at, disabled_by (NA when the portal did it), disabled_reason, version.
    """
    require(actor, "webhooks:read")
    rates = _rates()
    statement = _narrow(_joined(_columns(rates), rates), filters)
    with read(actor) as rx:
        return rx.page(statement, keys=[Webhook.created_at, Webhook.id], after=after, limit=limit)


def count(actor: Actor, filters: Filters) -> int:
    """How many webhooks match."""
    require(actor, "webhooks:read")
    rates = _rates()
    with read(actor) as rx:
        return int(rx.value(_narrow(_joined((func.count(),), rates), filters)) or 0)


_MORE = (
    Webhook.signing, Webhook.sends_iris_headers, Webhook.is_ordered, Webhook.retry_after_s, Webhook.timeout_s,
    Webhook.max_concurrency, Webhook.previous_expires_at, Webhook.enabled_at, Webhook.created_by, WebhookLane.attempts,
    WebhookLane.successes, WebhookLane.last_success_at,
)  # fmt: skip


def listing(actor: Actor, filters: Filters, *, after: str | None = None, limit: int = 50) -> Listing:
    """As `directory`, with the columns of `one`, as plain rows."""
    require(actor, "webhooks:read")
    rates = _rates()
    statement = _narrow(_joined((*_columns(rates), *_MORE), rates), filters)
    with read(actor) as rx:
        return rx.listing(statement, keys=[Webhook.created_at, Webhook.id], after=after, limit=limit)


def names(actor: Actor, text: str = "", *, limit: int = 200) -> pd.DataFrame:
    """To choose from: id, name, url, tenant_id of the webhooks in sight, by name; narrowed by a text as in `directory`."""
    require(actor, "webhooks:read")
    statement = select(Webhook.id, Webhook.name, Webhook.url, Webhook.tenant_id)
    with read(actor) as rx:
        return rx.frame(_narrow(statement, Filters(text=text)).order_by(Webhook.name, Webhook.id), limit=limit)


def one(actor: Actor, webhook_id: UUID) -> dict[str, Any]:
    """One webhook: the columns of the directory and signing, sends_iris_headers, is_ordered, retry_after_s, timeout_s,
    max_concurrency, previous_expires_at, enabled_at, created_by, attempts, successes, last_success_at. Raises NotFound.
    """  # fmt: skip
    require(actor, "webhooks:read")
    rates = _rates()
    with read(actor) as rx:
        found = rx.one(_joined((*_columns(rates), *_MORE), rates).where(Webhook.id == webhook_id))
    if found is None:
        raise _not_found("webhook")
    return found._asdict()


def _not_found(what: str) -> NotFound:
    return NotFound(f"This {what} does not exist, or is not among those you may see.")


def reveal(actor: Actor, webhook_id: UUID) -> tuple[str, str | None]:
    """The secret, and for v1a the public key that the receiver verifies with. For who may change it. Raises NotFound."""
    require(actor, "webhooks:update")
    with read(actor) as rx:
        secret: str | None = rx.value(select(Webhook.secret).where(Webhook.id == webhook_id))
    if secret is None:
        raise _not_found("webhook")
    return secret, signatures.public_key(secret)


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
        raise _not_found("delivery")
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


def health(actor: Actor, webhook_id: UUID | None = None, *, since: datetime | None = None) -> pd.DataFrame:
    """One row per hour with attempts, oldest first, of the last 7 days or from `since`; of one webhook, or of all.

    Columns: at (the hour, UTC), total, failures, mean_ms, max_ms.
    """
    require(actor, "webhooks:read")
    hour = WEBHOOK_ROLLUP.hour.__table__.c
    begin = since or utc_now() - timedelta(days=7)
    mine = [hour.webhook_id == webhook_id] if webhook_id else []
    mean = (func.sum(hour.duration_ms_sum) / func.sum(hour.total)).cast(Float).label("mean_ms")
    statement = (
        select(hour.bucket.label("at"), func.sum(hour.total).label("total"), func.sum(hour.failures).label("failures"),
               mean, func.max(hour.duration_ms_max).label("max_ms"))
        .where(hour.bucket >= begin, *mine).group_by(hour.bucket).order_by(hour.bucket)
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(statement)


def in_trouble(actor: Actor) -> int:
    """How many webhooks the portal disabled by itself, or lets rest."""
    require(actor, "webhooks:read")
    by_itself = (Webhook.disabled_at.is_not(None), Webhook.disabled_by.is_(None))
    resting = (Webhook.disabled_at.is_(None), WebhookLane.open_until > func.now())
    statement = select(func.count()).select_from(Webhook).outerjoin(WebhookLane, WebhookLane.webhook_id == Webhook.id)
    with read(actor) as rx:
        return int(rx.value(statement.where(or_(by_itself[0] & by_itself[1], resting[0] & resting[1]))) or 0)


def search(actor: Actor, text: str, *, limit: int = 5) -> pd.DataFrame:
    """For the search box: id, name, url of the best matches; empty without webhooks:read or without text."""
    statement = _narrow(select(Webhook.id, Webhook.name, Webhook.url), Filters(text=text)).order_by(Webhook.name)
    with read(actor, timeout_ms=1_000) as rx:
        return rx.frame(statement.limit(limit if text.strip() and actor.may("webhooks:read") else 0))

"""Reads of the endpoints and of how they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import Float, case, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from core.customers.tenants.models import Tenant
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Listing, Page, as_id, read
from core.kernel.times import utc_now
from core.platform.webhooks.models import WEBHOOK_ROLLUP, Webhook, WebhookLane

STATES = ("active", "failing", "resting", "disabled")
RATE_OVER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Filters:
    """`text` finds the start of a name or host's URL, or an id. Empty values do not filter."""

    text: str = ""
    states: tuple[str, ...] = ()
    event: str = ""
    tenant_id: UUID | None = None


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
        raise not_found("webhook")
    return found._asdict()


def not_found(what: str) -> NotFound:
    return NotFound(f"This {what} does not exist, or is not among those you may see.")


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

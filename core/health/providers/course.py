"""How messages fared over time, whom a provider's failures hit, and what it answered last."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Float, cast, func, select, true

from core.customers.tenants.models import Tenant
from core.health.messages.models import MESSAGE_ROLLUP, PROVIDER_ROLLUP, MessageEvent
from core.health.providers.queries import counted, with_ratios
from core.health.requests.percentiles import percentiles
from core.health.requests.samples import each_of
from core.health.requests.window import Window, window
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Reading, read
from core.kernel.rollups import RollupWatermark
from core.kernel.times import utc_now

KEPT = timedelta(days=7)
MINUTES = 20  # looked at for raw rows, of those that have a failure


def counted_at(actor: Actor) -> datetime | None:
    """When messages were last counted; None when never."""
    require(actor, "health:read")
    with read(actor) as rx:
        return _moved(rx)


def _moved(rx: Reading) -> datetime | None:
    mark = select(RollupWatermark.moved_at).where(RollupWatermark.rollup == PROVIDER_ROLLUP.name)
    moved: datetime | None = rx.value(mark)
    return moved


def course(
    actor: Actor,
    since: datetime,
    until: datetime,
    *,
    provider: str = "",
    channel: str = "",
    now: datetime | None = None,
) -> tuple[Window, pd.DataFrame]:
    """The time in whole buckets, and one row for each that has begun and is counted, oldest first: bucket (UTC), sent, delivered,
    failed, timed, priced, messages, error_ratio, delivery_ratio, p50, p95, p99 (ms); without traffic 0 and NA."""
    require(actor, "providers:read")
    span = window(PROVIDER_ROLLUP, since, until, now=now or utc_now())
    model = span.model(PROVIDER_ROLLUP)
    table = model.__table__.c
    where = _where(table, span, provider, channel)
    with read(actor) as rx:
        frame = rx.frame(select(table.bucket, *counted(table)).where(*where).group_by(table.bucket))
        shares = rx.frame(percentiles(model, where, sets=[("bucket",)])).drop(columns="of")
        end = _moved(rx) or span.since
    begun = pd.to_datetime([bucket for bucket in span.buckets if bucket < end], utc=True)
    every = pd.DataFrame({"bucket": pd.Series(begun, dtype="datetime64[us, UTC]")})
    found = every.merge(frame, on="bucket", how="left").fillna(0)
    return span, with_ratios(found).merge(shares, on="bucket", how="left")


def _where(table: Any, span: Window, provider: str, channel: str) -> list[ColumnElement[bool]]:
    chosen = ((table.provider, provider), (table.channel, channel))
    return [
        table.bucket >= span.since, table.bucket < span.until, *(one == value for one, value in chosen if value)
    ]  # fmt: skip


def by_tenant(
    actor: Actor, provider: str, channel: str, since: datetime, until: datetime, *, limit: int = 10,
    now: datetime | None = None,
) -> pd.DataFrame:  # fmt: skip
    """One row per tenant in sight, most failures first, then most messages.

    Columns: tenant_id (NA for messages of no tenant), tenant (name, NA where the actor may not see it), sent, delivered,
    failed, timed, priced, messages, error_ratio, delivery_ratio.
    """
    require(actor, "providers:read")
    span = window(MESSAGE_ROLLUP, since, until, now=now or utc_now())
    table = span.model(MESSAGE_ROLLUP).__table__.c
    most = (
        select(table.tenant_id, *counted(table)).where(*_where(table, span, provider, channel)).group_by(table.tenant_id)
        .order_by(func.sum(table.failed).desc(), func.sum(table.total).desc(), table.tenant_id).limit(limit).subquery()
    )  # fmt: skip
    named = select(*most.c, Tenant.name.label("tenant")).outerjoin(Tenant, Tenant.id == most.c.tenant_id)
    with read(actor) as rx:
        return with_ratios(rx.frame(named.order_by(most.c.failed.desc(), most.c.sent.desc())))


def failures(
    actor: Actor, provider: str, channel: str, since: datetime, until: datetime, *, limit: int = 20,
    now: datetime | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The last messages that failed, latest first, as far as single rows are kept (7 days).

    Columns: at (UTC), error (NA when the provider gave none), tenant_id, tenant (NA where the name is not known),
    message_id, duration_ms.
    """
    require(actor, "providers:read")
    span = Window(max(since, (now or utc_now()) - KEPT), until, "minute")
    table = span.model(PROVIDER_ROLLUP).__table__.c
    failing = select(table.bucket).where(*_where(table, span, provider, channel), table.failed > 0).distinct()
    with read(actor) as rx:
        minutes = [row.bucket for row in rx.rows(failing.order_by(table.bucket.desc()).limit(MINUTES))]
        return rx.frame(_rows(provider, channel, minutes, limit))


def _rows(provider: str, channel: str, minutes: list[datetime], limit: int) -> AnySelect:
    """Of the minutes that have a failure: a rare one is not looked for in all messages."""
    minute = each_of(minutes)
    started, event = minute.c.start, MessageEvent
    columns = (
        event.at, event.error, event.tenant_id, event.message_id, cast(event.duration_ms, Float).label("duration_ms"),
    )  # fmt: skip
    rows = (
        select(*columns).where(event.at >= started, event.at < started + timedelta(minutes=1), event.status == "failed",
                               event.provider == provider, event.channel == channel)
        .order_by(event.at.desc()).limit(limit).lateral("failure")
    )  # fmt: skip
    return (
        select(*rows.c, Tenant.name.label("tenant")).select_from(minute).join(rows, true())
        .outerjoin(Tenant, Tenant.id == rows.c.tenant_id).order_by(rows.c.at.desc()).limit(limit)
    )  # fmt: skip

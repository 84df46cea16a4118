"""Reads of channels, routes and what was sent. A channel's URL is in none of them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import case, func, lateral, select, true

from core.health.channels import rules
from core.health.channels.models import AlertChannel, AlertNotification, AlertRoute
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Page, Reading, read
from core.kernel.times import utc_now

READ = "alert_channels:read"
_DAY = timedelta(hours=24)


def channels(actor: Actor) -> pd.DataFrame:
    """One row per channel, by name.

    Columns: id, name, kind, target (what it reaches, as far as it is no secret), is_enabled, created_at, version, last_at,
    last_status (sent, failed or waiting after a failure), last_reason, last_error (NA without any), failed_24h, sent_24h.
    """
    require(actor, READ)
    with read(actor) as rx:
        return rx.frame(_channels().order_by(AlertChannel.name), limit=rules.MAX_CHANNELS)


def one_channel(actor: Actor, channel_id: UUID) -> dict[str, Any]:
    """The columns of `channels`. Raises NotFound."""
    require(actor, READ)
    with read(actor) as rx:
        row = rx.one(_channels().where(AlertChannel.id == channel_id))
    if row is None:
        raise NotFound("This alert channel does not exist, or is not among those you may see.")
    return dict(row._mapping)


def _channels() -> AnySelect:
    table, channel = AlertNotification, AlertChannel
    tried = select(table).where(table.channel_id == channel.id, table.attempts > 0)
    last = lateral(tried.order_by(table.created_at.desc(), table.id.desc()).limit(1)).alias("last")
    recent = lateral(
        select(
            func.count().filter(table.status == "failed").label("failed_24h"),
            func.count().filter(table.status == "sent").label("sent_24h"),
        ).where(table.channel_id == channel.id, table.created_at > utc_now() - _DAY)
    ).alias("recent")
    columns = (
        channel.id, channel.name, channel.kind, channel.target, channel.is_enabled, channel.created_at, channel.version,
        func.coalesce(last.c.finished_at, last.c.created_at).label("last_at"), last.c.status.label("last_status"),
        last.c.reason.label("last_reason"), last.c.error.label("last_error"), recent.c.failed_24h, recent.c.sent_24h,
    )  # fmt: skip
    return select(*columns).select_from(channel).outerjoin(last, true()).outerjoin(recent, true())


def routes(actor: Actor) -> pd.DataFrame:
    """One row per route, in the order in which they are asked.

    Columns: those of AlertRoute, channels and escalation_channels (lists of names).
    """
    require(actor, READ)
    with read(actor) as rx:
        frame = rx.frame(select(*AlertRoute.__table__.columns).order_by(*_order()), limit=rules.MAX_ROUTES)
        names = _names(rx)
    for given, named in (("channel_ids", "channels"), ("escalation_channel_ids", "escalation_channels")):
        frame[named] = [[names[one] for one in ids if one in names] for ids in frame[given]]
    return frame


def one_route(actor: Actor, route_id: UUID) -> dict[str, Any]:
    """The columns of AlertRoute. Raises NotFound."""
    require(actor, READ)
    with read(actor) as rx:
        row = rx.one(select(*AlertRoute.__table__.columns).where(AlertRoute.id == route_id))
    if row is None:
        raise NotFound("This alert route does not exist, or is not among those you may see.")
    return dict(row._mapping)


def _order() -> tuple[Any, ...]:
    return AlertRoute.position, AlertRoute.id


def _names(rx: Reading) -> dict[UUID, str]:
    return {row.id: row.name for row in rx.rows(select(AlertChannel.id, AlertChannel.name))}


def who_would_be_told(actor: Actor, *, severity: str, area: str, at: datetime) -> pd.DataFrame:
    """One row per channel that an alert opening at this moment would reach, in the order of the routes.

    Columns: route, channel, is_enabled, after (timedelta, 0 at once), every (timedelta or NaT: repeated). No row: nobody.
    """
    require(actor, READ)
    with read(actor) as rx:
        listed = rx.session.scalars(select(AlertRoute).order_by(*_order())).all()
        known = {one.id: one for one in rx.rows(select(AlertChannel.id, AlertChannel.name, AlertChannel.is_enabled))}
    rows: dict[tuple[UUID, int], dict[str, Any]] = {}
    for route in rules.chosen(listed, severity=severity, area=area, at=at):
        for one, after, every in _steps(route):
            if one in known:
                told = {"route": route.name, "channel": known[one].name, "is_enabled": known[one].is_enabled}
                rows.setdefault((one, after), told | {"after": timedelta(minutes=after), "every": every})
    return pd.DataFrame(list(rows.values()), columns=["route", "channel", "is_enabled", "after", "every"])


def _steps(route: AlertRoute) -> list[tuple[UUID, int, timedelta | None]]:
    later = route.escalate_after_minutes
    every = timedelta(minutes=route.repeat_every_minutes) if route.repeat_every_minutes else None
    first: list[tuple[UUID, int, timedelta | None]] = [(one, 0, None) for one in route.channel_ids]
    return first + [(one, later, every) for one in route.escalation_channel_ids if later is not None]


def log(actor: Actor, *, channel_id: UUID | None = None, statuses: tuple[str, ...] = (), after: str | None = None,
        limit: int = 50) -> Page:  # fmt: skip
    """The delivery log, newest first: one row per alert and channel.

    Columns: created_at, id, channel_id, channel, alert_id (NA for a test), reason, status, attempts, error, next_attempt_at
    (NA when finished), finished_at, duration_ms, message_id (the same for what went in one message).
    """
    require(actor, READ)
    statement = _log()
    if channel_id is not None:
        statement = statement.where(AlertNotification.channel_id == channel_id)
    if statuses:
        statement = statement.where(AlertNotification.status.in_(statuses))
    keys = [AlertNotification.created_at, AlertNotification.id]
    with read(actor) as rx:
        return rx.page(statement, keys=keys, after=after, limit=limit)


def of_alert(actor: Actor, alert_id: UUID, *, limit: int = 200) -> pd.DataFrame:
    """What was sent of one alert, oldest first: the columns of `log`."""
    require(actor, "alerts:read")
    statement = _log().where(AlertNotification.alert_id == alert_id)
    with read(actor) as rx:
        return rx.frame(statement.order_by(AlertNotification.created_at, AlertNotification.id), limit=limit)


def _log() -> AnySelect:
    table = AlertNotification
    due = case((table.status == "waiting", table.next_attempt_at)).label("next_attempt_at")
    return select(
        table.created_at, table.id, table.channel_id, table.channel, table.alert_id, table.reason, table.status, table.attempts,
        table.error, due, table.finished_at, table.duration_ms, table.message_id,
    )  # fmt: skip

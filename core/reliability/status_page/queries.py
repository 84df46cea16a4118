"""Reads for those who keep the page: components, announcements, subscribers, renders."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on

from core.customers.users.masking import email_masked
from core.health.maintenance.models import MaintenanceWindow
from core.health.monitors.models import Monitor
from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import Page, read
from core.kernel.times import utc_now
from core.reliability.status_page import reading
from core.reliability.status_page.models import (
    StatusComponent,
    StatusMail,
    StatusMaintenance,
    StatusRender,
    StatusSubscriber,
)
from core.reliability.status_page.snapshot import Snapshot

MOST_MONITORS, WEEK = 2_000, timedelta(days=7)


def snapshot(actor: Actor) -> Snapshot:
    """What the page would show now: the same for everybody, as the page itself is. Raises Denied."""
    require(actor, "status_page:read")
    return reading.snapshot(Actor.system("status page"))


def components(actor: Actor, known: Snapshot | None = None) -> pd.DataFrame:
    """One row per component in the order of the page: id, name, description, group_name, position, monitor_ids (list),
    services (list), manual_state, manual_reason, state (as shown), uptime_ratio, version. Raises Denied."""
    require(actor, "status_page:read")
    table = StatusComponent
    columns = (
        table.id, table.name, table.description, table.group_name, table.position, table.monitor_ids, table.services,
        table.manual_state, table.manual_reason, table.version,
    )  # fmt: skip
    shown = select(*columns).where(table.archived_at.is_(None)).order_by(table.position, table.name, table.id)
    with read(actor) as rx:
        frame = rx.frame(shown, limit=500)
    now = {str(one.id): one for one in (known or snapshot(actor)).components}
    states = [now[key].state if key in now else "unknown" for key in frame["id"]]
    uptimes = [now[key].uptime_ratio if key in now else None for key in frame["id"]]
    return frame.assign(state=pd.array(states, dtype="string"), uptime_ratio=pd.array(uptimes, dtype="Float64"))


def monitors(actor: Actor) -> dict[UUID, str]:
    """The monitors in sight by id, with their names, in the order of these; none without monitors:read."""
    if not actor.may("monitors:read"):
        return {}
    with read(actor) as rx:
        rows = rx.rows(select(Monitor.id, Monitor.name).order_by(func.lower(Monitor.name)).limit(MOST_MONITORS))
    return {row.id: row.name for row in rows}


def announcements(actor: Actor) -> pd.DataFrame:
    """One row per announcement that is not withdrawn, latest window first: id, title, body, component_ids (list), version,
    starts_at, duration_s, rule, over_at, cancelled_at. Raises Denied."""
    require(actor, "status_page:read")
    told, window = StatusMaintenance, MaintenanceWindow
    columns = (told.id, told.title, told.body, told.component_ids, told.version, window.starts_at, window.duration_s,
               window.rule, window.over_at, window.cancelled_at)  # fmt: skip
    joined = select(*columns).join(window, window.id == told.window_id).where(told.withdrawn_at.is_(None))
    with read(actor) as rx:
        return rx.frame(joined.order_by(window.starts_at.desc(), told.id), limit=200)


def unannounced(actor: Actor) -> pd.DataFrame:
    """Windows that run or come and are not announced, the next first: id, title, starts_at, duration_s, rule. Needs
    monitors:read, too; raises Denied."""
    require(actor, "status_page:read")
    require(actor, "monitors:read")
    told, window = StatusMaintenance, MaintenanceWindow
    is_told = select(told.id).where(told.window_id == window.id, told.withdrawn_at.is_(None))
    comes = (window.cancelled_at.is_(None), (window.over_at.is_(None)) | (window.over_at > utc_now()))
    columns = (window.id, window.title, window.starts_at, window.duration_s, window.rule)
    with read(actor) as rx:
        return rx.frame(
            select(*columns).where(*comes, ~is_told.exists()).order_by(window.starts_at, window.id), limit=200
        )


def subscribers(actor: Actor, *, after: str | None = None, limit: int = 50) -> Page:
    """One row per address, the newest first, masked whoever looks: id, email, created_at, confirmed_at, unsubscribed_at,
    component_ids (list; none: all), status (pending, confirmed, ended). Raises Denied."""
    require(actor, "status_page:read")
    table = StatusSubscriber
    columns = (table.id, table.email, table.created_at, table.confirmed_at, table.unsubscribed_at, table.component_ids)
    with read(actor) as rx:
        page = rx.page(select(*columns), keys=[table.created_at, table.id], after=after, limit=limit)
    frame = page.frame
    masked = [email_masked(email, key) for email, key in zip(frame["email"], frame["id"], strict=True)]
    ended, confirmed = frame["unsubscribed_at"].notna(), frame["confirmed_at"].notna()
    status = ["ended" if over else "confirmed" if on else "pending" for over, on in zip(ended, confirmed, strict=True)]
    shown = frame.assign(email=pd.array(masked, dtype="string"), status=pd.array(status, dtype="string"))
    return Page(shown, page.next)


def counts(actor: Actor) -> dict[str, int]:
    """How many addresses are confirmed and pending, and how many mails of the last 7 days were sent, wait or failed."""
    require(actor, "status_page:read")
    table, mails = StatusSubscriber, StatusMail
    is_on = table.confirmed_at.is_not(None) & table.unsubscribed_at.is_(None)
    people = select(func.count().filter(is_on), func.count().filter(table.confirmed_at.is_(None)))
    outcomes = select(mails.outcome, func.count()).where(mails.at > func.now() - WEEK)
    with read(actor) as rx:
        confirmed, pending = rx.rows(people)[0]
        found: dict[str, int] = {row[0]: row[1] for row in rx.rows(outcomes.group_by(mails.outcome))}
    return (
        {"confirmed": confirmed, "pending": pending}
        | dict.fromkeys(("sent", "queued", "failed", "no mail server"), 0)
        | found
    )


def renders(actor: Actor, *, limit: int = 50) -> pd.DataFrame:
    """One row per content, or failure, and place, the latest first: id, target, at, last_at, times, files, error.
    Raises Denied."""
    require(actor, "status_page:read")
    table = StatusRender
    columns = (table.id, table.target, table.at, table.last_at, table.times, table.files, table.error)
    with read(actor) as rx:
        return rx.frame(select(*columns).order_by(table.last_at.desc(), table.id.desc()), limit=limit)


def latest(actor: Actor) -> list[dict[str, Any]]:
    """The latest row of each place, as `renders`; a place that was not written for a week is left out. Raises Denied."""
    require(actor, "status_page:read")
    table = StatusRender
    columns = (table.target, table.at, table.last_at, table.times, table.files, table.error)
    recent = table.last_at > func.now() - WEEK
    newest = select(*columns).ext(distinct_on(table.target)).where(recent).order_by(table.target, table.last_at.desc())
    with read(actor) as rx:
        return [row._asdict() for row in rx.rows(newest)]

"""Reads of alerts: the inbox, one alert with its history, and counts for other pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, Row, Select, Text, func, or_, select
from sqlalchemy.orm import aliased

from core.customers.tenants.models import Tenant
from core.health.alerts.models import LIVE, Alert, AlertHistory, AlertState
from core.health.alerts.silencing import silenced_until
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import Listing, Page, as_id, read

KEYS = (Alert.opened_at, Alert.id)


@dataclass(frozen=True, slots=True)
class Filters:
    """An empty filter means all. `text` is part of a subject, summary or rule name, or an id.

    Children of a common cause are left out unless `with_children`, or `parent_id` asks for those of one.
    """

    statuses: tuple[str, ...] = LIVE
    severities: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    rule_id: UUID | None = None
    tenant_id: UUID | None = None
    text: str = ""
    since: datetime | None = None
    parent_id: UUID | None = None
    with_children: bool = False


def inbox(actor: Actor, filters: Filters | None = None, *, after: str | None = None, limit: int = 50) -> Page:
    """The alerts in the actor's sight, newest first.

    Columns: those of `_listed`; `unknown_since` says since when nobody knows whether the alert is over, `is_silenced` that
    nobody is told of it now, `children` how many alerts it stands for.
    """
    require(actor, "alerts:read")
    with read(actor) as rx:
        return rx.page(_wanted(filters or Filters()), keys=KEYS, after=after, limit=limit)


def listing(actor: Actor, filters: Filters | None = None, *, after: str | None = None, limit: int = 50) -> Listing:
    """As `inbox`, with plain rows."""
    require(actor, "alerts:read")
    with read(actor) as rx:
        return rx.listing(_wanted(filters or Filters()), keys=KEYS, after=after, limit=limit)


def one(actor: Actor, alert_id: UUID) -> Row[Any]:
    """One alert, with the columns of `inbox`. Raises NotFound."""
    found = to_tell(actor, [alert_id])
    if not found:
        raise NotFound("This alert does not exist, or is not among those you may see.")
    return found[0]


def to_tell(actor: Actor, alert_ids: Sequence[UUID]) -> list[Row[Any]]:
    """These alerts with the columns of `inbox`, as far as they are in sight; newest first."""
    require(actor, "alerts:read")
    with read(actor) as rx:
        return rx.rows(_listed().where(Alert.id.in_(alert_ids)).order_by(Alert.opened_at.desc(), Alert.id))


def history(actor: Actor, alert_id: UUID, *, limit: int = 500) -> pd.DataFrame:
    """What happened to the alert, oldest first: at (UTC), kind, by (NA: the portal itself), note."""
    require(actor, "alerts:read")
    told = AlertHistory
    found = select(told.at, told.kind, told.by_name.label("by"), told.note).where(told.alert_id == alert_id)
    with read(actor) as rx:
        return rx.frame(found.order_by(told.at, told.id), limit=limit)


@dataclass(frozen=True, slots=True)
class Counts:
    """Live alerts, without those that belong to a common cause."""

    open: int = 0
    acknowledged: int = 0
    critical: int = 0
    warning: int = 0
    info: int = 0
    silenced: int = 0

    @property
    def live(self) -> int:
        return self.open + self.acknowledged


def counts(actor: Actor) -> Counts:
    """How many are live, by status and severity."""
    require(actor, "alerts:read")
    lives = select(Alert.status, Alert.severity, silenced_until().label("until"))
    live = lives.where(Alert.status.in_(LIVE), Alert.parent_id.is_(None)).subquery().c
    conditions = {
        "open": live.status == "open", "acknowledged": live.status == "acknowledged", "silenced": live.until.is_not(None),
        **{severity: live.severity == severity for severity in ("critical", "warning", "info")},
    }  # fmt: skip
    with read(actor) as rx:
        row = rx.one(select(*(func.count().filter(condition).label(name) for name, condition in conditions.items())))
    return Counts(**row._asdict()) if row else Counts()


def firing(actor: Actor) -> pd.DataFrame:
    """Live alerts by rule, severity, area and status: rule, severity, area, status, alerts; children count, too."""
    require(actor, "alerts:read")
    by = (Alert.rule_name.label("rule"), Alert.severity, Alert.area, Alert.status)
    found = select(*by, func.count().label("alerts")).where(Alert.status.in_(LIVE)).group_by(*by)
    with read(actor) as rx:
        return rx.frame(found.order_by(Alert.severity, Alert.rule_name))


def areas(actor: Actor) -> list[str]:
    """Every area that has alerts, in order."""
    require(actor, "alerts:read")
    with read(actor) as rx:
        return [row.area for row in rx.rows(select(Alert.area).distinct().order_by(Alert.area))]


def _listed() -> Select[Any]:
    child, until = aliased(Alert), silenced_until()
    children = select(func.count()).where(child.parent_id == Alert.id).scalar_subquery()
    held = AlertState
    columns = (
        Alert.opened_at, Alert.id, Alert.status, Alert.severity, Alert.area, Alert.rule_id, Alert.rule_name.label("rule"),
        Alert.subject, Alert.summary, Alert.value_first, held.value_worst, held.value_last, Alert.bound, Alert.unit,
        Alert.occurrences, Alert.is_flapping, Alert.is_group, until.is_not(None).label("is_silenced"),
        until.label("silenced_until"), Alert.notifies, Alert.parent_id, children.label("children"), Alert.tenant_id,
        Tenant.name.label("tenant"), Alert.acknowledged_at, Alert.acknowledged_by_name.label("acknowledged_by"),
        Alert.resolved_at, Alert.resolved_by_name.label("resolved_by"), held.last_seen_at, held.unknown_since,
        Alert.group_key, Alert.link, Alert.runbook_url, Alert.labels, Alert.version,
    )  # fmt: skip
    joined = select(*columns).outerjoin(held, held.alert_id == Alert.id)
    return joined.outerjoin(Tenant, Tenant.id == Alert.tenant_id)


def _wanted(filters: Filters) -> Select[Any]:
    chosen: list[ColumnElement[bool]] = [
        column.in_(values)
        for column, values in (
            (Alert.status, filters.statuses), (Alert.severity, filters.severities), (Alert.area, filters.areas),
        )
        if values
    ]  # fmt: skip
    asked = (
        (Alert.rule_id, filters.rule_id), (Alert.tenant_id, filters.tenant_id), (Alert.parent_id, filters.parent_id),
    )  # fmt: skip
    chosen += [column == value for column, value in asked if value is not None]
    if filters.parent_id is None and not filters.with_children:
        chosen.append(Alert.parent_id.is_(None))
    if filters.since is not None:
        chosen.append(Alert.opened_at >= filters.since)
    if filters.text.strip():
        chosen.append(_about(filters.text.strip()))
    return _listed().where(*chosen)


def _about(text: str) -> ColumnElement[bool]:
    key = as_id(text)
    if key is not None:
        return or_(Alert.id == key, Alert.labels.cast(Text).contains(text.lower(), autoescape=True))
    columns = (Alert.subject, Alert.summary, Alert.rule_name)
    return or_(*(column.icontains(text, autoescape=True) for column in columns))

"""Reads of calendars and policies."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.permissions import require
from core.kernel.reads import read
from core.support.sla.models import SlaCalendar, SlaHoliday, SlaPolicy

_CALENDAR = (
    SlaCalendar.id, SlaCalendar.name, SlaCalendar.time_zone, SlaCalendar.is_always, SlaCalendar.periods,
    SlaCalendar.archived_at, SlaCalendar.version,
)  # fmt: skip
_POLICY = (
    SlaPolicy.id, SlaPolicy.name, SlaPolicy.position, SlaPolicy.calendar_id, SlaPolicy.conditions, SlaPolicy.targets,
    SlaPolicy.pauses_in, SlaPolicy.archived_at, SlaPolicy.version,
)  # fmt: skip


def calendars(actor: Actor) -> pd.DataFrame:
    """One row per calendar in use, by name: its columns, then holidays (how many) and policies (in use, that count by it)."""
    require(actor, "support_settings:read")
    holidays = select(func.count()).where(SlaHoliday.calendar_id == SlaCalendar.id).scalar_subquery()
    counted = SlaPolicy.calendar_id == SlaCalendar.id, SlaPolicy.archived_at.is_(None)
    policies = select(func.count()).where(*counted).scalar_subquery()
    statement = select(*_CALENDAR, holidays.label("holidays"), policies.label("policies"))
    with read(actor) as rx:
        return rx.frame(statement.where(SlaCalendar.archived_at.is_(None)).order_by(func.lower(SlaCalendar.name)))


def calendar(actor: Actor, calendar_id: UUID) -> dict[str, Any]:
    """The calendar's columns, and `holidays` as day (ISO) -> name in order of days. Raises NotFound."""
    require(actor, "support_settings:read")
    with read(actor) as rx:
        row = rx.one(select(*_CALENDAR).where(SlaCalendar.id == calendar_id))
        if row is None:
            raise NotFound("This calendar does not exist. Choose another one.")
        days = select(SlaHoliday.day, SlaHoliday.name).where(SlaHoliday.calendar_id == calendar_id)
        holidays = {one.day.isoformat(): one.name for one in rx.rows(days.order_by(SlaHoliday.day))}
    return {**row._mapping, "holidays": holidays}


def policies(actor: Actor) -> pd.DataFrame:
    """One row per policy in use, in the order in which they are tried: its columns, then calendar (its name)."""
    require(actor, "support_settings:read")
    joined = select(*_POLICY, SlaCalendar.name.label("calendar")).join(
        SlaCalendar, SlaCalendar.id == SlaPolicy.calendar_id
    )
    with read(actor) as rx:
        in_use = joined.where(SlaPolicy.archived_at.is_(None))
        return rx.frame(in_use.order_by(SlaPolicy.position, SlaPolicy.name))


def policy(actor: Actor, policy_id: UUID) -> dict[str, Any]:
    """The policy's columns. Raises NotFound."""
    require(actor, "support_settings:read")
    with read(actor) as rx:
        row = rx.one(select(*_POLICY).where(SlaPolicy.id == policy_id))
    if row is None:
        raise NotFound("This policy does not exist. Choose another one.")
    return dict(row._mapping)

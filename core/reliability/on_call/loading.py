"""Schedules as rotating.py computes with them: with their rotations and overrides, in three statements for all of them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.reliability.on_call.models import OnCallOverride, OnCallRotation, OnCallSchedule
from core.reliability.on_call.rotating import Override, Rotation, Schedule, Shift, Unit, course, who

MOST = 200  # schedules


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule with all that decides who is on call in the time that was asked for."""

    schedule: Schedule
    rotations: tuple[Rotation, ...]
    overrides: tuple[Override, ...]

    def who(self, at: datetime) -> UUID | None:
        return who(self.schedule, self.rotations, self.overrides, at)

    def course(self, start: datetime, end: datetime) -> list[Shift]:
        return course(self.schedule, self.rotations, self.overrides, start, end)


def plans(
    session: Session, start: datetime, end: datetime, *, schedule_ids: Iterable[UUID] | None = None
) -> list[Plan]:  # fmt: skip
    """The schedules that are not archived, by name, as they are from `start` until `end`."""
    table = OnCallSchedule
    wanted = select(table.id, table.name, table.time_zone).where(table.archived_at.is_(None)).order_by(table.name)
    if schedule_ids is not None:
        wanted = wanted.where(table.id.in_(set(schedule_ids)))
    rows = session.execute(wanted.limit(MOST)).all()
    ids = [row.id for row in rows]
    rotations, overrides = _rotations(session, ids, start, end), _overrides(session, ids, start, end)
    return [
        Plan(Schedule(row.time_zone, row.id, row.name), tuple(rotations[row.id]), tuple(overrides[row.id]))
        for row in rows
    ]


def rotation_of(row: Any) -> Rotation:
    """A row with the columns of OnCallRotation, as it is computed with."""
    return Rotation(
        people=tuple(row.operator_ids), starts_at=row.starts_at, unit=cast(Unit, row.unit), length=row.length,
        position=row.position, periods=tuple((day, first, last) for day, first, last in row.periods),
        ends_at=row.ends_at, effective_at=row.effective_at, id=row.id, name=row.name,
    )  # fmt: skip


def _rotations(
    session: Session, ids: list[UUID], start: datetime, end: datetime
) -> defaultdict[UUID, list[Rotation]]:  # fmt: skip
    table, found = OnCallRotation, defaultdict[UUID, list[Rotation]](list)
    runs = or_(table.ends_at.is_(None), table.ends_at > start)
    for row in session.execute(
        select(*table.__table__.columns).where(table.schedule_id.in_(ids), table.starts_at < end, runs)
    ):
        found[row.schedule_id].append(rotation_of(row))
    return found


def _overrides(
    session: Session, ids: list[UUID], start: datetime, end: datetime
) -> defaultdict[UUID, list[Override]]:  # fmt: skip
    table, found = OnCallOverride, defaultdict[UUID, list[Override]](list)
    counts = (table.cancelled_at.is_(None), table.ends_at > start, table.starts_at < end)
    for row in session.execute(select(*table.__table__.columns).where(table.schedule_id.in_(ids), *counts)):
        made = Override(row.operator_id, row.starts_at, row.ends_at, row.created_at, row.id)
        found[row.schedule_id].append(made)
    return found

"""Reads of schedules: who is on call, when, and by what."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import or_, select

from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.permissions import require
from core.kernel.reads import read
from core.kernel.times import utc_now
from core.reliability.on_call import people
from core.reliability.on_call.loading import MOST, Plan, plans, rotation_of
from core.reliability.on_call.models import OnCallOverride, OnCallRotation, OnCallSchedule
from core.reliability.on_call.rotating import Rotation, Shift, joined

READ = "on_call:read"
AHEAD, LONGEST = timedelta(days=35), timedelta(days=370)
_NOW = ("schedule_id", "schedule", "time_zone", "operator_id", "operator", "since", "until", "next_operator_id",
        "next_operator", "next_at")  # fmt: skip
_COURSE = ("schedule_id", "schedule", "operator_id", "operator", "starts_at", "ends_at", "rotation", "override_id")
_TIMES = "datetime64[us, UTC]"


def on_call_now(actor: Actor, *, at: datetime | None = None) -> pd.DataFrame:
    """One row per schedule by name.

    Columns: schedule_id, schedule, time_zone, operator_id, operator (NA: nobody), since, until (UTC; NA: not within 35 days),
    next_operator_id, next_operator, next_at (who comes after that; NA: nobody within 35 days).
    """
    require(actor, READ)
    now = at or utc_now()
    with read(actor) as rx:
        known = plans(rx.session, now - AHEAD, now + AHEAD)
    found = [_present(plan, now) for plan in known]
    names = people.names(one for row in found for one in (row["operator_id"], row["next_operator_id"]))
    rows = [
        {**row, "operator": names.get(row["operator_id"]), "next_operator": names.get(row["next_operator_id"])}
        for row in found
    ]
    return _frame(rows, _NOW)


def _present(plan: Plan, now: datetime) -> dict[str, Any]:
    shifts = joined(plan.course(now - AHEAD, now + AHEAD))
    place = next(number for number, shift in enumerate(shifts) if shift.ends_at > now)
    shift, later = shifts[place], shifts[place + 1 :]
    following = next((one for one in later if one.person is not None), None)
    return {
        "schedule_id": plan.schedule.id, "schedule": plan.schedule.name, "time_zone": plan.schedule.time_zone,
        "operator_id": shift.person, "since": shift.starts_at if place else None,
        "until": shift.ends_at if later else None, "next_operator_id": following.person if following else None,
        "next_at": following.starts_at if following else None,
    }  # fmt: skip


def course(
    actor: Actor, *, start: datetime, end: datetime, schedule_ids: Iterable[UUID] | None = None
) -> pd.DataFrame:  # fmt: skip
    """One row per shift or gap, schedules by name, in order of time, cut to the time that is asked for (at most 370 days).

    Columns: schedule_id, schedule, operator_id, operator (NA: nobody), starts_at, ends_at (UTC), rotation (its name, NA for
    an override or a gap), override_id. Raises Denied, Invalid.
    """
    require(actor, READ)
    if not timedelta(0) < end - start <= LONGEST:
        raise Invalid(f"Ask for a time that ends after it begins, of at most {LONGEST.days} days.")
    with read(actor) as rx:
        known = plans(rx.session, start, end, schedule_ids=schedule_ids)
    return shifts_frame([(plan, plan.course(start, end)) for plan in known])


def shifts_frame(found: Iterable[tuple[Plan, list[Shift]]]) -> pd.DataFrame:
    """The columns of `course`."""
    listed = list(found)
    names = people.names(shift.person for _, shifts in listed for shift in shifts)
    return _frame([_row(plan, one, names) for plan, shifts in listed for one in shifts], _COURSE)


def _row(plan: Plan, shift: Shift, names: Mapping[UUID, str]) -> dict[str, Any]:
    rotation = next((one.name for one in plan.rotations if one.id == shift.rotation_id), None)
    return {
        "schedule_id": plan.schedule.id, "schedule": plan.schedule.name, "operator_id": shift.person,
        "operator": names.get(shift.person) if shift.person else None, "starts_at": shift.starts_at,
        "ends_at": shift.ends_at, "rotation": rotation if shift.rotation_id else None, "override_id": shift.override_id,
    }  # fmt: skip


def own_shifts(actor: Actor, *, start: datetime, end: datetime) -> pd.DataFrame:
    """The actor's own shifts of that time, the next one first: schedule_id, schedule, starts_at, ends_at. Raises Denied."""
    require(actor, READ)
    with read(actor) as rx:
        known = plans(rx.session, start, end)
    rows = [
        {"schedule_id": plan.schedule.id, "schedule": plan.schedule.name, "starts_at": one.starts_at, "ends_at": one.ends_at}
        for plan in known if _concerns(plan, actor.operator_id)
        for one in joined(plan.course(start, end)) if one.person == actor.operator_id
    ]  # fmt: skip
    frame = _frame(rows, ("schedule_id", "schedule", "starts_at", "ends_at"))
    return frame.sort_values("starts_at", ignore_index=True)


def _concerns(plan: Plan, person: UUID | None) -> bool:
    turns = any(person in one.people for one in plan.rotations)
    return person is not None and (turns or any(one.person == person for one in plan.overrides))


def _frame(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> pd.DataFrame:
    """Ids and names as text with NA, moments in UTC with NaT."""
    found = {}
    for name in columns:
        values = [row[name] for row in rows]
        is_time = name.endswith("_at") or name in ("since", "until")
        if is_time:
            found[name] = pd.Series(pd.to_datetime(values, utc=True), dtype=_TIMES)
        else:
            found[name] = pd.Series([None if one is None else str(one) for one in values], dtype="string")
    return pd.DataFrame(found)


def schedules(actor: Actor) -> pd.DataFrame:
    """One row per schedule that is not archived, by name: id, name, description, time_zone, has_feed, created_at, version."""
    require(actor, READ)
    table = OnCallSchedule
    columns = (
        table.id, table.name, table.description, table.time_zone, table.feed_digest.is_not(None).label("has_feed"),
        table.created_at, table.version,
    )  # fmt: skip
    with read(actor) as rx:
        return rx.frame(select(*columns).where(table.archived_at.is_(None)).order_by(table.name), limit=MOST)


def one(actor: Actor, schedule_id: UUID) -> dict[str, Any]:
    """The columns of `schedules` with archived_at. Raises NotFound."""
    require(actor, READ)
    table = OnCallSchedule
    columns = (
        table.id, table.name, table.description, table.time_zone, table.feed_digest.is_not(None).label("has_feed"),
        table.created_at, table.version, table.archived_at,
    )  # fmt: skip
    with read(actor) as rx:
        row = rx.one(select(*columns).where(table.id == schedule_id))
    if row is None:
        raise NotFound("This on-call schedule does not exist, or is not among those you may see.")
    return dict(row._mapping)


def rotations(actor: Actor, schedule_id: UUID) -> list[Rotation]:
    """Those that are in force or will be, from the lowest layer to the highest."""
    require(actor, READ)
    table = OnCallRotation
    lasts = or_(table.ends_at.is_(None), table.ends_at > utc_now())
    wanted = select(*table.__table__.columns).where(table.schedule_id == schedule_id, lasts).order_by(table.position)
    with read(actor) as rx:
        return [rotation_of(row) for row in rx.rows(wanted)]


def plan_of(actor: Actor, schedule_id: UUID, start: datetime, end: datetime) -> Plan:
    """All that decides who is on call on the schedule in that time, to try an edit out on. Raises NotFound."""
    require(actor, READ)
    with read(actor) as rx:
        found = plans(rx.session, start, end, schedule_ids=[schedule_id])
    if not found:
        raise NotFound("This on-call schedule does not exist, or is archived.")
    return found[0]


def overrides(actor: Actor, *, schedule_id: UUID | None = None, limit: int = 200) -> pd.DataFrame:
    """Overrides that run or come, the next one first.

    Columns: id, schedule_id, schedule, operator_id, operator, starts_at, ends_at, reason, created_by_name.
    """
    require(actor, READ)
    row = OnCallOverride
    columns = (
        row.id, row.schedule_id, OnCallSchedule.name.label("schedule"), row.operator_id, row.starts_at, row.ends_at,
        row.reason, row.created_by_name,
    )  # fmt: skip
    wanted = (
        select(*columns).join(OnCallSchedule, OnCallSchedule.id == row.schedule_id)
        .where(row.ends_at > utc_now(), row.cancelled_at.is_(None), OnCallSchedule.archived_at.is_(None))
        .order_by(row.starts_at, row.id)
    )  # fmt: skip
    if schedule_id is not None:
        wanted = wanted.where(row.schedule_id == schedule_id)
    with read(actor) as rx:
        frame = rx.frame(wanted, limit=limit)
    names = people.names(UUID(one) for one in frame["operator_id"])
    frame.insert(4, "operator", pd.Series([names.get(UUID(one)) for one in frame["operator_id"]], dtype="string"))
    return frame

"""The rotations of a schedule, edited together. What was in force is never rewritten: who was on call stays known."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from core.kernel.actor import Actor
from core.kernel.errors import Conflict
from core.kernel.writes import Transaction, write
from core.reliability.on_call import people, rules
from core.reliability.on_call.actions import in_use
from core.reliability.on_call.models import OnCallRotation, OnCallSchedule

_SAID = ("name", "position", "starts_at", "ends_at", "unit", "length", "operator_ids", "periods")


def set_rotations(
    actor: Actor, schedule_id: UUID, *, rotations: Sequence[Mapping[str, Any]], version: int | None = None
) -> OnCallSchedule:  # fmt: skip
    """Makes these the layers of the schedule from now on, from the lowest to the highest; others end now.

    Each has name, starts_at, unit, length, operator_ids, and may have ends_at, periods and the id of the one that it changes.
    Raises Invalid naming the rotation, NotFound, Conflict.
    """
    given = rules.clean_rotations(rotations)
    with write(actor, "on_call.set_rotations") as tx:
        schedule = in_use(tx, schedule_id, version=version)
        now = tx.now.replace(microsecond=0)
        present = _present(tx, schedule_id, now)
        _require_present(given, present)
        _require_people(given, present)
        for row in set(present) - {one["id"] for one in given}:
            _end(tx, present[row], now)
        for one in given:
            _put(tx, schedule_id, one, present, now)
        schedule.updated_at = tx.now  # so that the version grows, and a second editor learns of it
        tx.note(schedule_id=schedule_id, rotations=len(given))
    return schedule


def _present(tx: Transaction, schedule_id: UUID, now: datetime) -> dict[UUID, OnCallRotation]:
    """Those that are in force or will be."""
    table = OnCallRotation
    lasts = or_(table.ends_at.is_(None), table.ends_at > now)
    rows = tx.session.scalars(select(table).where(table.schedule_id == schedule_id, lasts).with_for_update())
    return {row.id: row for row in rows}


def _require_present(given: Sequence[Mapping[str, Any]], present: Mapping[UUID, OnCallRotation]) -> None:
    if any(one["id"] is not None and one["id"] not in present for one in given):
        raise Conflict("One of these rotations has ended in the meantime. Load the page again.")


def _require_people(given: Sequence[Mapping[str, Any]], present: Mapping[UUID, OnCallRotation]) -> None:
    """Who was there before may have left the company: the rotation can be kept, and others changed."""
    known = {one for row in present.values() for one in row.operator_ids}
    people.require_in_service({one for row in given for one in row["operator_ids"]} - known)


def _end(tx: Transaction, row: OnCallRotation, now: datetime) -> None:
    if max(row.starts_at, row.effective_at or row.starts_at) > now:
        tx.delete(row)  # it was never in force
    else:
        row.ends_at = now


def _put(
    tx: Transaction, schedule_id: UUID, given: Mapping[str, Any], present: Mapping[UUID, OnCallRotation], now: datetime
) -> None:
    values = {name: given[name] for name in _SAID}
    row = present.get(given["id"]) if given["id"] is not None else None
    if row is None:
        tx.add(OnCallRotation(schedule_id=schedule_id, effective_at=now, **values))
        return
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not changed:
        return
    if max(row.starts_at, row.effective_at or row.starts_at) >= now:
        for name, value in changed.items():
            setattr(row, name, value)
        return
    row.ends_at = now
    tx.add(OnCallRotation(schedule_id=schedule_id, effective_at=now, **values))

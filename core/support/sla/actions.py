"""What can be done with business calendars and policies. Tickets keep the terms they have until these are reapplied."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.writes import Transaction, write
from core.support.sla import rules
from core.support.sla.models import SlaCalendar, SlaHoliday, SlaPolicy


def create_calendar(actor: Actor, *, once: str | None = None, **values: Any) -> SlaCalendar:
    """Makes a calendar of name, time_zone, is_always, periods and holidays (day -> name). Raises Invalid."""
    given = {"name": "", "time_zone": "UTC", "is_always": False, "periods": [], "holidays": {}} | values
    cleaned = rules.clean(given, rules.CALENDAR)
    rules.require_hours(cleaned["is_always"], cleaned["periods"])
    holidays = cleaned.pop("holidays")
    with write(actor, "sla.create_calendar", once=once) as tx:
        calendar = tx.add(SlaCalendar(**cleaned))
        tx.session.flush()
        _set_holidays(tx, calendar, holidays)
    return calendar


def update_calendar(actor: Actor, calendar_id: UUID, *, version: int, **values: Any) -> SlaCalendar:
    """Changes a calendar; `holidays` replaces them all. Raises Invalid, NotFound, Conflict."""
    cleaned = rules.clean(values, rules.CALENDAR)
    holidays = cleaned.pop("holidays", None)
    with write(actor, "sla.update_calendar") as tx:
        calendar = tx.lock(SlaCalendar, calendar_id, version=version)
        rules.require_in_use(calendar.archived_at, "calendar")
        for field, value in cleaned.items():
            setattr(calendar, field, value)
        rules.require_hours(calendar.is_always, calendar.periods)
        if holidays is not None and _set_holidays(tx, calendar, holidays):
            calendar.updated_at = tx.now
    return calendar


def archive_calendar(actor: Actor, calendar_id: UUID, *, version: int) -> SlaCalendar:
    """Takes a calendar out of use. Raises Invalid while a policy counts by it, NotFound, Conflict."""
    with write(actor, "sla.archive_calendar") as tx:
        calendar = tx.lock(SlaCalendar, calendar_id, version=version)
        rules.require_in_use(calendar.archived_at, "calendar")
        used = select(func.min(SlaPolicy.name)).where(
            SlaPolicy.calendar_id == calendar_id, SlaPolicy.archived_at.is_(None)
        )
        policy = tx.session.scalar(used)
        if policy is not None:
            raise Invalid(f"The policy {policy} counts by this calendar. Give it another calendar first.")
        calendar.archived_at = tx.now
    return calendar


def create_policy(actor: Actor, *, once: str | None = None, **values: Any) -> SlaPolicy:
    """Makes a policy of name, position, calendar_id, conditions, targets and pauses_in. Raises Invalid, NotFound."""
    given = {
        "name": "",
        "position": 100,
        "conditions": {},
        "targets": {},
        "pauses_in": ["waiting"],
        "calendar_id": None,
    }
    cleaned = rules.clean(given | values, rules.POLICY)
    with write(actor, "sla.create_policy", once=once) as tx:
        _require_calendar(tx, cleaned["calendar_id"])
        return tx.add(SlaPolicy(**cleaned))


def update_policy(actor: Actor, policy_id: UUID, *, version: int, **values: Any) -> SlaPolicy:
    """Changes a policy. Raises Invalid, NotFound, Conflict."""
    cleaned = rules.clean(values, rules.POLICY)
    with write(actor, "sla.update_policy") as tx:
        policy = tx.lock(SlaPolicy, policy_id, version=version)
        rules.require_in_use(policy.archived_at, "policy")
        if "calendar_id" in cleaned:
            _require_calendar(tx, cleaned["calendar_id"])
        for field, value in cleaned.items():
            setattr(policy, field, value)
    return policy


def archive_policy(actor: Actor, policy_id: UUID, *, version: int) -> SlaPolicy:
    """Takes a policy out of use: new tickets no longer come under it. Raises Invalid, NotFound, Conflict."""
    with write(actor, "sla.archive_policy") as tx:
        policy = tx.lock(SlaPolicy, policy_id, version=version)
        rules.require_in_use(policy.archived_at, "policy")
        policy.archived_at = tx.now
    return policy


def _require_calendar(tx: Transaction, calendar_id: UUID) -> None:
    calendar = tx.lock(SlaCalendar, calendar_id)
    rules.require_in_use(calendar.archived_at, "calendar")


def _set_holidays(tx: Transaction, calendar: SlaCalendar, wanted: dict[date, str]) -> bool:
    """Makes the calendar's holidays these; whether anything changed."""
    rows = tx.session.scalars(select(SlaHoliday).where(SlaHoliday.calendar_id == calendar.id)).all()
    known = {row.day: row for row in rows}
    for day in known.keys() - wanted.keys():
        tx.delete(known[day])
    for day in wanted.keys() - known.keys():
        tx.add(SlaHoliday(calendar_id=calendar.id, day=day, name=wanted[day]))
    renamed = [day for day in wanted.keys() & known.keys() if known[day].name != wanted[day]]
    for day in renamed:
        known[day].name = wanted[day]
    return bool(renamed) or known.keys() != wanted.keys()

"""Demo service levels: an office with a lunch break and holidays, and the policy of enterprise tenants."""

from datetime import date, datetime
from random import Random
from uuid import UUID

from sqlalchemy import select

from core.kernel.writes import Transaction
from core.support.sla.models import SlaCalendar, SlaHoliday, SlaPolicy

HOUR = 3600
_HALVES = ((9 * 60, 12 * 60 + 30), (13 * 60 + 15, 17 * 60 + 45))
_HOLIDAYS = {(1, 1): "New Year", (5, 1): "Labour Day", (10, 3): "Day of German Unity", (12, 25): "Christmas Day",
             (12, 26): "Second day of Christmas"}  # fmt: skip
# ADR-020: an answer within 1 hour for critical issues.
_ENTERPRISE = {
    "urgent": {"first_response": HOUR, "next_response": HOUR, "resolution": 4 * HOUR},
    "high": {"first_response": HOUR, "next_response": 2 * HOUR, "resolution": 8 * HOUR},
}
_OFFICE = {
    "medium": {"first_response": 4 * HOUR, "next_response": 4 * HOUR, "resolution": 16 * HOUR},
    "low": {"first_response": 8 * HOUR, "next_response": 8 * HOUR, "resolution": 40 * HOUR},
}


def seed(tx: Transaction, random: Random, now: datetime) -> None:
    """Makes the calendar and two policies for the tenants of the plan enterprise, grave tickets first."""
    stamps = {"created_at": now, "updated_at": now}
    periods = [[weekday, first, last] for weekday in range(5) for first, last in _HALVES]
    office = tx.add(
        SlaCalendar(id=_id(random), name="Berlin office", time_zone="Europe/Berlin", periods=periods, **stamps)
    )
    tx.session.flush()
    for year in (now.year, now.year + 1):
        for (month, day), name in _HOLIDAYS.items():
            tx.add(SlaHoliday(id=_id(random), calendar_id=office.id, day=date(year, month, day), name=name))
    always = tx.session.scalars(select(SlaCalendar.id).where(SlaCalendar.is_always).order_by(SlaCalendar.name)).first()
    policies = (
        ("Enterprise, grave", 10, always or office.id, _ENTERPRISE), ("Enterprise", 20, office.id, _OFFICE),
    )  # fmt: skip
    for name, position, calendar_id, targets in policies:
        conditions = {"tier": ["enterprise"], "priority": sorted(targets)}
        tx.add(SlaPolicy(
            id=_id(random), name=name, position=position, calendar_id=calendar_id, conditions=conditions, targets=targets,
            pauses_in=["waiting"], **stamps,
        ))  # fmt: skip
    tx.session.flush()


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)

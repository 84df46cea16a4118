"""A schedule as a calendar (RFC 5545): one event per shift; a gap is a gap. Opened by the token of the schedule alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event
from sqlalchemy import func, select

from core.kernel import crypto
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.reads import Reading, read
from core.kernel.times import utc_now
from core.reliability.on_call import people
from core.reliability.on_call.loading import Plan, plans
from core.reliability.on_call.models import OnCallOverride, OnCallRotation, OnCallSchedule
from core.reliability.on_call.rotating import Shift, joined

MONTHS_BEFORE, MONTHS_AHEAD = 1, 6
REFRESH = timedelta(hours=1)
UNKNOWN = "This calendar does not exist, or its address was revoked. Ask for a new one."


@dataclass(frozen=True, slots=True)
class Feed:
    """`changed_at` is when the schedule, a rotation or an override was last changed."""

    name: str
    text: bytes
    changed_at: datetime


def calendar(token: str, *, person: UUID | None = None, now: datetime | None = None) -> Feed:
    """The schedule that the token opens, from the month before until six months ahead; of one person, if one is named.

    Whole months, so that the same shift is the same event however often the calendar is read. Raises NotFound.
    """
    start, end = _window(now or utc_now())
    with read(Actor.system("on-call feed", channel="api")) as rx:
        row = OnCallSchedule
        wanted = select(row.id).where(row.feed_digest == crypto.digest(token), row.archived_at.is_(None))
        schedule_id = rx.value(wanted)
        if schedule_id is None:
            raise NotFound(UNKNOWN)
        (plan,) = plans(rx.session, start, end, schedule_ids=[schedule_id])
        changed_at = _changed_at(rx, schedule_id)
    shifts = [one for one in joined(plan.course(start, end)) if one.person is not None]
    chosen = [one for one in shifts if person is None or one.person == person]
    return Feed(plan.schedule.name, _text(plan, chosen, changed_at), changed_at)


def _window(now: datetime) -> tuple[datetime, datetime]:
    month = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return _later(month, -MONTHS_BEFORE), _later(month, MONTHS_AHEAD + 1)


def _later(month: datetime, months: int) -> datetime:
    count = month.year * 12 + month.month - 1 + months
    return month.replace(year=count // 12, month=count % 12 + 1)


def _changed_at(rx: Reading, schedule_id: UUID) -> datetime:
    last = [
        select(func.max(table.updated_at)).where(of == schedule_id).scalar_subquery()
        for table, of in ((OnCallSchedule, OnCallSchedule.id), (OnCallRotation, OnCallRotation.schedule_id),
                          (OnCallOverride, OnCallOverride.schedule_id))
    ]  # fmt: skip
    changed: datetime = rx.value(select(func.greatest(*last)))
    return changed


def _text(plan: Plan, shifts: list[Shift], changed_at: datetime) -> bytes:
    made = Calendar()
    made.add("prodid", "-//Quarterdeck//On-call//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("name", plan.schedule.name)  # RFC 7986; the X- properties are what older programs read
    made.add("x-wr-calname", plan.schedule.name)
    made.add("refresh-interval", REFRESH, {"value": "DURATION"})
    made.add("x-published-ttl", REFRESH)
    names = people.names(one.person for one in shifts)
    for one in shifts:
        assert one.person is not None
        made.add_component(_event(plan, one, names.get(one.person, "Unknown"), changed_at))
    text: bytes = made.to_ical()
    return text


def _event(plan: Plan, shift: Shift, name: str, changed_at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{plan.schedule.id}-{shift.starts_at:%Y%m%dT%H%M%SZ}-{shift.person}@quarterdeck")
    event.add("dtstamp", changed_at.astimezone(UTC))
    event.add("dtstart", shift.starts_at)
    event.add("dtend", shift.ends_at)
    event.add("summary", f"{name} on call: {plan.schedule.name}")
    event.add("transp", "TRANSPARENT")  # on call is not busy: meetings can be made
    return event

"""What is open now, what came and what was solved by day, and what was left at the end of each day."""

from datetime import date, datetime, timedelta, tzinfo
from itertools import accumulate

import pandas as pd
from sqlalchemy import BigInteger, ColumnElement, Date, cast, func, literal, or_, select, union_all

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Reading, read
from core.support.figures.filters import Period
from core.support.tickets.models import ACTIVE, Ticket

_COUNT = cast(func.count(), BigInteger)
MOST_DAYS = 400


def active(actor: Actor) -> pd.DataFrame:
    """One row per status, priority and category of the tickets that are neither resolved nor closed.

    Columns: status, priority, category (NA without one), tickets. Raises Denied.
    """
    require(actor, "tickets:read")
    parts = (Ticket.status, Ticket.priority, Ticket.category)
    found = select(*parts, _COUNT.label("tickets")).where(Ticket.status.in_(ACTIVE)).group_by(*parts)
    with read(actor) as rx:
        return rx.frame(found)


def resolved_in(actor: Actor, period: Period) -> int:
    """How many tickets were resolved in the time and are so still. Raises Denied."""
    require(actor, "tickets:read")
    with read(actor) as rx:
        return int(rx.value(select(func.count()).where(period.holds(Ticket.resolved_at))))


def by_day(actor: Actor, period: Period, zone: tzinfo) -> pd.DataFrame:
    """One row per day of `zone` that the period touches, oldest first: day, created, resolved, backlog. Raises Denied.

    `backlog` is what was open at the end of the day, or is now. A ticket counts as open from its creation to its last
    resolution, so one that was reopened counts for the time between as well.
    """
    require(actor, "tickets:read")
    days = _days(period, zone)
    with read(actor) as rx:
        moved = rx.rows(_moved(period, str(zone)))
        opening = _open_at(rx, period.since)
    created = {row.day: row for row in moved if row.kind == "created"}
    resolved = {row.day: row.tickets for row in moved if row.kind == "resolved"}
    net = [(created[day].counted if day in created else 0) - resolved.get(day, 0) for day in days]
    return pd.DataFrame({
        "day": pd.Series(days, dtype="object"), "created": [created[day].tickets if day in created else 0 for day in days],
        "resolved": [resolved.get(day, 0) for day in days], "backlog": [opening + change for change in accumulate(net)],
    })  # fmt: skip


def _days(period: Period, zone: tzinfo) -> list[date]:
    first = period.since.astimezone(zone).date()
    last = (period.until - timedelta(microseconds=1)).astimezone(zone).date()
    return [first + timedelta(days=place) for place in range(min((last - first).days + 1, MOST_DAYS))]


def _moved(period: Period, zone: str) -> AnySelect:
    """A row per day and kind: how many, and how many of them the backlog counts."""
    some = cast(func.count().filter(_counts()), BigInteger)
    parts = []
    for kind, moment, counted in (("created", Ticket.created_at, some), ("resolved", Ticket.resolved_at, _COUNT)):
        day = cast(func.timezone(zone, moment), Date).label("day")
        columns = (literal(kind).label("kind"), day, _COUNT.label("tickets"), counted.label("counted"))
        parts.append(select(*columns).where(period.holds(moment)).group_by(day))
    both = union_all(*parts).subquery("moved")
    return select(both.c.kind, both.c.day, both.c.tickets, both.c.counted)


def _counts() -> ColumnElement[bool]:
    """A ticket that was closed without having been resolved, such as a merged one, is in no backlog."""
    return or_(Ticket.resolved_at.is_not(None), Ticket.status.in_(ACTIVE))


def _open_at(rx: Reading, moment: datetime) -> int:
    """By two ranges of an index each: what is active still, and what was resolved later."""
    still = select(func.count()).where(
        Ticket.status.in_(ACTIVE), Ticket.resolved_at.is_(None), Ticket.created_at < moment
    )
    later = select(func.count()).where(Ticket.resolved_at >= moment, Ticket.created_at < moment)
    return int(rx.value(select(still.scalar_subquery() + later.scalar_subquery())))

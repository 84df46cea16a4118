"""Reads of the agents' load, and of what came and went by day."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import ColumnElement, Date, Float, Subquery, any_, cast, func, literal, select

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, read
from core.kernel.rollups import start_of
from core.kernel.times import utc_now
from core.support.load.forecast import Backlog, forecast
from core.support.teams.models import SupportAgent, SupportTeam
from core.support.teams.people import names
from core.support.tickets.models import ACTIVE, Ticket

MOST = 500
WEEKS = 8  # long enough for the days of the week, short enough that it is still the same team
_TODO = ("open", "reopened")


@dataclass(frozen=True)
class Filters:
    """Empty values do not filter."""

    team_ids: tuple[UUID, ...] = ()
    skills: tuple[str, ...] = ()
    available: bool = False


def agents(actor: Actor, filters: Filters | None = None, *, now: datetime | None = None) -> pd.DataFrame:
    """One row per agent, the most loaded first; counted are the tickets that the actor may see.

    Columns: id, operator_id, name, team_id (NA), team (NA), skills (list), capacity, is_available, version, open (and
    reopened), in_progress, waiting, overdue, active (the first three), share (of the capacity; what waits takes none).
    """
    require(actor, "tickets:read")
    with read(actor) as rx:
        frame = rx.frame(_agents(filters or Filters(), now or utc_now()))
    known = {str(key): name for key, name in names(map(UUID, frame["operator_id"])).items()}
    frame.insert(2, "name", pd.Series([known.get(one) for one in frame["operator_id"]], dtype="string"))
    return frame.sort_values(["share", "name"], ascending=[False, True], ignore_index=True)


def _agents(filters: Filters, now: datetime) -> AnySelect:
    agent, work = SupportAgent, _work(now)
    counts = {name: func.coalesce(work.c[name], 0) for name in ("open", "in_progress", "waiting", "overdue", "active")}
    share = (counts["active"] - counts["waiting"]) * 1.0 / agent.capacity
    return (
        select(
            agent.id, agent.operator_id, agent.team_id, SupportTeam.name.label("team"), agent.skills, agent.capacity,
            agent.is_available, agent.version, *(count.label(name) for name, count in counts.items()),
            cast(share, Float).label("share"),
        )
        .outerjoin(SupportTeam, SupportTeam.id == agent.team_id).outerjoin(work, work.c.assignee_id == agent.operator_id)
        .where(*_conditions(filters)).order_by(share.desc(), agent.id).limit(MOST)
    )  # fmt: skip


def _work(now: datetime) -> Subquery:
    """Active tickets by assignee."""
    status = Ticket.status
    return (
        select(
            Ticket.assignee_id,
            func.count().filter(status.in_(_TODO)).label("open"),
            func.count().filter(status == "in_progress").label("in_progress"),
            func.count().filter(status == "waiting").label("waiting"),
            func.count().filter(Ticket.due_at <= now).label("overdue"),
            func.count().label("active"),
        )
        .where(status.in_(ACTIVE), Ticket.assignee_id.is_not(None)).group_by(Ticket.assignee_id).subquery("work")
    )  # fmt: skip


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    agent = SupportAgent
    made: list[ColumnElement[bool]] = [literal(skill) == any_(agent.skills) for skill in filters.skills]
    made += [agent.team_id.in_(filters.team_ids)] if filters.team_ids else []
    return [*made, agent.is_available.is_(True)] if filters.available else made


def flow(actor: Actor, *, now: datetime | None = None, weeks: int = WEEKS) -> pd.DataFrame:
    """One row per whole day (UTC) of the last weeks, oldest first, none before the first ticket: day, created, resolved.

    A ticket that was reopened counts as resolved on the day of its last end.
    """
    require(actor, "tickets:read")
    today = start_of(now or utc_now(), "day")
    since = today - timedelta(weeks=weeks)
    parts = {"created": Ticket.created_at, "resolved": Ticket.resolved_at}
    with read(actor) as rx:
        first = rx.value(select(func.min(Ticket.created_at)))
        counted = {name: rx.frame(_by_day(column, since, today)) for name, column in parts.items()}
    begin = max(since, start_of(first, "day")) if first else today
    days = pd.date_range(pd.Timestamp(begin), pd.Timestamp(today), inclusive="left", name="day")
    sums = {name: _on(days, found) for name, found in counted.items()}
    return pd.DataFrame({"day": days, **sums})


def _by_day(column: Any, since: datetime, until: datetime) -> AnySelect:
    day = cast(func.timezone("UTC", column), Date).label("day")
    return select(day, func.count().label("tickets")).where(column >= since, column < until).group_by(day).order_by(day)


def _on(days: pd.DatetimeIndex, found: pd.DataFrame) -> pd.Series:
    known = pd.Series(found["tickets"].to_numpy(), index=pd.to_datetime(found["day"], utc=True))
    return known.reindex(days, fill_value=0).astype("int64").reset_index(drop=True)


def open_now(actor: Actor) -> int:
    """How many tickets are not over, in sight of the actor."""
    require(actor, "tickets:read")
    with read(actor) as rx:
        return int(rx.value(select(func.count()).select_from(Ticket).where(Ticket.status.in_(ACTIVE))) or 0)


def backlog(actor: Actor, days: pd.DataFrame, *, now: datetime | None = None) -> Backlog:
    """What is expected, out of what `flow` returned."""
    return forecast(days, open_now=open_now(actor), now=now or utc_now())


def skills(actor: Actor) -> list[str]:
    """Every skill that an agent has, by name."""
    require(actor, "tickets:read")
    listed = select(func.unnest(SupportAgent.skills).label("skill")).distinct().subquery("listed")
    with read(actor) as rx:
        return [row.skill for row in rx.rows(select(listed.c.skill).order_by(listed.c.skill).limit(MOST))]

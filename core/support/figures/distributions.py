"""How first response and resolution are distributed: by priority, team, agent and hour of the day, and in bars of time."""

from collections.abc import Sequence
from typing import Any, Literal
from uuid import UUID

import pandas as pd
from sqlalchemy import BigInteger, Integer, cast, func, literal, select

from core.kernel.actor import Actor
from core.kernel.permissions import require
from core.kernel.reads import read
from core.support.figures.filters import UNASSIGNED, Filters
from core.support.figures.waits import FLOATS, Hours, Measure, flat, read_whole, told, waits
from core.support.teams import people
from core.support.teams.models import SupportTeam
from core.support.tickets.models import PRIORITIES, Ticket

Part = Literal["priority", "team", "agent", "hour"]
PARTS: tuple[Part, ...] = ("priority", "team", "agent", "hour")
# Upper ends of the bars in seconds: 15 min to 14 days; the last bar has none.
EDGES = (900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 172_800, 345_600, 604_800, 1_209_600)
MOST = 500
NO_TEAM = "No team"


def by(actor: Actor, filters: Filters, part: Part, measure: Measure, zone: str = "UTC") -> pd.DataFrame:
    """One row per priority, team, agent, or hour of the day in `zone` at which tickets came (00 to 23). Raises Denied.

    Columns: part (its name), tickets, and of wall and business each average_s, median_s, p90_s. Priorities and hours in
    their order, teams and agents with the most tickets first, at most MOST.
    """
    require(actor, "tickets:read")
    columns = _columns(part, zone)
    rows = waits(filters, measure, columns).subquery("waits")
    keys = [rows.c[column.key] for column in columns]
    found = select(*keys, *told(rows)).group_by(*keys).order_by(func.count().desc(), *keys).limit(MOST)
    with read(actor) as rx:
        read_whole(rx)
        frame = flat(rx.frame(found))
        names = _teams(rx.rows(select(SupportTeam.id, SupportTeam.name))) if part == "team" else {}
    return _named(frame, part, names)


def spread(actor: Actor, filters: Filters, measure: Measure, hours: Hours = "wall") -> pd.DataFrame:
    """One row per priority and bar that has tickets: priority, bar (its place: below EDGES[0] is 0), tickets. Raises Denied."""
    require(actor, "tickets:read")
    rows = waits(filters, measure, [Ticket.priority.label("priority")]).subquery("waits")
    edges = cast(literal([float(edge) for edge in EDGES], FLOATS), FLOATS)
    bar = cast(func.width_bucket(rows.c[hours], edges), Integer).label("bar")
    found = select(rows.c.priority, bar, cast(func.count(), BigInteger).label("tickets"))
    with read(actor) as rx:
        read_whole(rx)
        return rx.frame(
            found.where(rows.c[hours].is_not(None)).group_by(rows.c.priority, bar).order_by(rows.c.priority, bar)
        )


def _columns(part: Part, zone: str) -> list[Any]:
    if part == "priority":
        return [Ticket.priority.label("priority")]
    if part == "team":
        return [Ticket.team_id.label("team_id")]
    if part == "agent":
        return [Ticket.assignee_id.label("assignee_id"), Ticket.assignee_label.label("assignee_label")]
    return [cast(func.extract("hour", func.timezone(zone, Ticket.created_at)), Integer).label("hour")]


def _teams(rows: Sequence[Any]) -> dict[str, str]:
    return {str(row.id): row.name for row in rows}


def _named(frame: pd.DataFrame, part: Part, teams: dict[str, str]) -> pd.DataFrame:
    """With `part`, a name, in place of the keys."""
    if part == "priority":
        frame = frame.sort_values("priority", key=lambda ones: ones.map(PRIORITIES.index))
        names = [str(one) for one in frame.pop("priority")]
    elif part == "hour":
        frame = frame.sort_values("hour")
        names = [f"{one:02d}" for one in frame.pop("hour")]
    elif part == "team":
        names = [NO_TEAM if pd.isna(one) else teams.get(one, str(one)) for one in frame.pop("team_id")]
    else:
        names = _agents(frame.pop("assignee_id"), frame.pop("assignee_label"))
    frame = frame.reset_index(drop=True)
    frame.insert(0, "part", pd.Series(names, dtype="string"))
    return frame


def _agents(ids: pd.Series, labels: pd.Series) -> list[str]:
    """The operator's name; of an imported ticket the name it came with."""
    known = {str(key): name for key, name in people.names(UUID(one) for one in ids.dropna()).items()}
    return [
        known.get(key, key) if not pd.isna(key) else UNASSIGNED if pd.isna(label) else label
        for key, label in zip(ids, labels, strict=True)
    ]

"""Reads of the teams of support and their agents."""

from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import func, select

from core.kernel.actor import Actor
from core.kernel.errors import Invalid, NotFound
from core.kernel.permissions import require
from core.kernel.reads import read
from core.support.teams import people
from core.support.teams.models import SupportAgent, SupportTeam

MOST = 500


def teams(actor: Actor, *, with_archived: bool = False) -> pd.DataFrame:
    """Teams by name: id, name, lead_id, lead, manager_id, manager, agents (how many), archived_at, version.

    Whoever reads tickets reads them. Raises Denied.
    """
    require(actor, "tickets:read")
    size = select(func.count()).where(SupportAgent.team_id == SupportTeam.id).scalar_subquery()
    found = select(
        SupportTeam.id, SupportTeam.name, SupportTeam.lead_id, SupportTeam.manager_id, size.label("agents"),
        SupportTeam.archived_at, SupportTeam.version,
    ).order_by(func.lower(SupportTeam.name)).limit(MOST)  # fmt: skip
    with read(actor) as rx:
        frame = rx.frame(found if with_archived else found.where(SupportTeam.archived_at.is_(None)))
    return _named(frame, lead="lead_id", manager="manager_id")


def agents(actor: Actor) -> pd.DataFrame:
    """Agents by name: id, operator_id, name, team_id, team, skills, capacity, is_available, last_assigned_at, version.

    Whoever reads tickets reads them. Raises Denied.
    """
    require(actor, "tickets:read")
    found = (
        select(
            SupportAgent.id, SupportAgent.operator_id, SupportAgent.team_id, SupportTeam.name.label("team"),
            SupportAgent.skills, SupportAgent.capacity, SupportAgent.is_available, SupportAgent.last_assigned_at,
            SupportAgent.version,
        )
        .outerjoin(SupportTeam, SupportTeam.id == SupportAgent.team_id)
        .limit(MOST)
    )  # fmt: skip
    with read(actor) as rx:
        frame = rx.frame(found)
    named = _named(frame, name="operator_id")
    return named.sort_values("name", key=lambda names: names.str.lower(), ignore_index=True)


def _named(frame: pd.DataFrame, **columns: str) -> pd.DataFrame:
    """The frame with the operators' names in new columns beside their ids."""
    ids = {UUID(one) for column in columns.values() for one in frame[column].dropna()}
    known = {str(key): name for key, name in people.names(ids).items()}
    return frame.assign(**{
        new: pd.array([known.get(one) for one in frame[column].where(frame[column].notna(), None)], dtype="string")
        for new, column in columns.items()
    })  # fmt: skip


def team(actor: Actor, team_id: UUID) -> dict[str, Any]:
    """One team: its columns. Raises Denied, NotFound."""
    require(actor, "tickets:read")
    with read(actor) as rx:
        found = rx.one(select(*SupportTeam.__table__.columns).where(SupportTeam.id == team_id))
    if found is None:
        raise NotFound("This team does not exist.")
    return dict(found._mapping)


def agent_of(operator_id: UUID) -> SupportAgent | None:
    """The agent that an operator is, or None; read as the portal itself."""
    with read(Actor.system("tickets")) as rx:
        found: SupportAgent | None = rx.value(select(SupportAgent).where(SupportAgent.operator_id == operator_id))
    return found


def require_team(team_id: UUID | None) -> None:
    """That tickets can be given to this team; none can be given, too. Raises Invalid."""
    if team_id is None:
        return
    with read(Actor.system("tickets")) as rx:
        wanted = select(SupportTeam.id).where(SupportTeam.id == team_id, SupportTeam.archived_at.is_(None))
        found = rx.value(wanted)
    if found is None:
        sentence = "This team does not exist, or is out of service. Choose another."
        raise Invalid(sentence, {"team_id": sentence})

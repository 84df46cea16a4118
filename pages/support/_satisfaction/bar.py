"""What the page is about: period, team, agent. It lives in the address."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.support.satisfaction.queries import Filters
from core.support.teams import people
from core.support.teams import queries as teams
from pages._parts import time_range


@dataclass(frozen=True, slots=True)
class Chosen:
    """`label` of the period reads after "in"."""

    filters: Filters
    label: str
    team: str | None
    agent: str | None

    @property
    def told(self) -> dict[str, Any]:
        """For the audit of an export."""
        since, until = self.filters.since.isoformat(), self.filters.until.isoformat()
        return {"since": since, "until": until, "team": self.team, "agent": self.agent}

    @property
    def before(self) -> Filters:
        """The same length of time right before."""
        one = self.filters
        return Filters(one.since - (one.until - one.since), one.since, one.team_id, one.agent_id)


def choose(actor: Actor) -> Chosen:
    """Draws the filters."""
    time = time_range.choose(actor, default="90d")
    known_teams = {row["name"]: UUID(row["id"]) for row in teams.teams(actor, with_archived=True).to_dict("records")}
    rows = people.assignable(actor).to_dict("records")
    # Two colleagues of one name are told apart by the end of their ids.
    names = [row["name"] for row in rows]
    known_agents = {
        row["name"] if names.count(row["name"]) == 1 else f"{row['name']} · {row['id'][-4:]}": UUID(row["id"]) for row in rows
    }  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        team = st.selectbox(
            "Team", list(known_teams), None, key="team", bind="query-params", placeholder="All", width=260
        )
        agent = st.selectbox(
            "Agent", list(known_agents), None, key="agent", bind="query-params", placeholder="All", width=260
        )
    filters = Filters(
        time.since, time.until, known_teams.get(team) if team else None, known_agents.get(agent) if agent else None
    )
    return Chosen(filters, time.label, team, agent)

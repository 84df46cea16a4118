"""What the page is about: period, priorities, teams, which measure, which hours, by what. It lives in the address."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.support.figures.distributions import PARTS, Part
from core.support.figures.filters import Filters
from core.support.figures.waits import Hours, Measure
from core.support.teams import queries as teams
from pages.support._figures import period
from pages.support._figures.words import HOURS, MEASURES
from pages.support._words import PRIORITY

BY = {"priority": "Priority", "team": "Team", "agent": "Agent", "hour": "Hour of the day"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """`label` of the period reads after "in"."""

    filters: Filters
    measure: Measure
    hours: Hours
    part: Part
    label: str
    teams: tuple[str, ...]

    @property
    def verb(self) -> str:
        return "answered" if self.measure == "first_response" else "resolved"

    @property
    def told(self) -> dict[str, Any]:
        """For the audit of an export."""
        since, until = self.filters.period.since, self.filters.period.until
        return {
            "since": since.isoformat(), "until": until.isoformat(), "priorities": list(self.filters.priorities),
            "teams": list(self.teams), "measure": self.measure, "by": self.part,
        }  # fmt: skip


def choose(actor: Actor) -> Chosen:
    """Draws the filters."""
    time = period.choose(actor)
    known = {row["name"]: UUID(row["id"]) for row in teams.teams(actor, with_archived=True).to_dict("records")}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        priorities = st.multiselect(
            "Priority", list(PRIORITY), format_func=PRIORITY.__getitem__, key="priority", bind="query-params", placeholder="All",
            width=260,
        )  # fmt: skip
        named = st.multiselect("Team", list(known), key="team", bind="query-params", placeholder="All", width=260)
        measure = _one("Measure", MEASURES, "measure")
        hours = _one("Hours", HOURS, "hours")
        part = _one("By", {one: BY[one] for one in PARTS}, "by")
    filters = Filters(time.period, tuple(priorities), tuple(known[name] for name in named))
    return Chosen(filters, cast(Measure, measure), cast(Hours, hours), cast(Part, part), time.label, tuple(named))


def _one(label: str, options: dict[str, str], key: str) -> str:
    chosen = st.segmented_control(
        label, list(options), default=next(iter(options)), format_func=options.__getitem__, key=key, bind="query-params",
        required=True,
    )  # fmt: skip
    return str(chosen)

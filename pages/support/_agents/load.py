"""How much each agent has to do, against the capacity."""

from dataclasses import asdict
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.load import queries
from core.support.load.queries import Filters
from pages._parts import exporting
from pages._parts.moments import UNKNOWN
from pages.support._agents import editing
from pages.support._queue import known

COUNTS = {"open": "Open", "in_progress": "In progress", "waiting": "Waiting", "overdue": "Overdue"}


def show(actor: Actor) -> None:
    """Filters, sums, the table; a chosen agent can be changed."""
    wanted = _filters(actor)
    found = queries.agents(actor, wanted)
    if found.empty:
        _nothing(actor, wanted)
        editing.dialog(actor, found)
        return
    _sums(found)
    event = st.dataframe(
        _told(found), column_config=_config(), hide_index=True, placeholder=UNKNOWN,
        key=f"agents_{hash(tuple(found['id']))}",
        height="content" if len(found) < 16 else 590, on_select="rerun", selection_mode="single-row",
    )  # fmt: skip
    chosen = [row for row in event.selection.rows if row < len(found)]
    editing.buttons(actor, found.iloc[chosen[0]] if chosen else None)
    editing.dialog(actor, found)


def _filters(actor: Actor) -> Filters:
    by_name = {label: key for key, label in known.teams(actor).items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        teams = st.multiselect("Team", list(by_name), key="team", bind="query-params", placeholder="Any", width=220)
        skills = st.multiselect(
            "Skill", queries.skills(actor), key="skill", bind="query-params", placeholder="Any", width=220
        )
        available = st.toggle("Available only", key="available", bind="query-params")
        wanted = Filters(tuple(by_name[one] for one in teams), tuple(skills), available)
        exporting.button(actor, "agents", partial(_rows, wanted), filters=asdict(wanted))
    return wanted


def _rows(wanted: Filters, actor: Actor) -> pd.DataFrame:
    found = queries.agents(actor, wanted)
    return found.drop(columns=["id", "team_id", "version"]).assign(skills=found["skills"].str.join(", "))


def _nothing(actor: Actor, wanted: Filters) -> None:
    if wanted != Filters():
        st.info("No agent matches. Clear a filter.", icon=":material/group_off:")
        return
    st.info(
        "There are no agents yet. Make operators agents, so that tickets can be given out.", icon=":material/group:"
    )
    editing.buttons(actor, None)


def _sums(found: pd.DataFrame) -> None:
    capacity = int(found.loc[found["is_available"], "capacity"].sum())
    doing = int((found["active"] - found["waiting"]).sum())
    with st.container(horizontal=True):
        st.metric("Agents available", f"{int(found['is_available'].sum()):,} of {len(found):,}", border=True)
        st.metric(
            "Tickets to work on", f"{doing:,}", border=True, help="Open, reopened and in progress, of these agents."
        )
        st.metric("Capacity of the available", f"{capacity:,}", border=True)
        st.metric("Overdue", f"{int(found['overdue'].sum()):,}", border=True)


def _told(found: pd.DataFrame) -> pd.DataFrame:
    names = ("name", "team", "skills", "is_available", "share", *COUNTS, "capacity")
    return found[list(names)].assign(share=found["share"] * 100)


def _config() -> dict[str, Any]:
    column = st.column_config
    counts = {name: column.NumberColumn(label, width=90) for name, label in COUNTS.items()}
    return {
        "name": column.TextColumn("Agent", width=180), "team": column.TextColumn("Team", width=130),
        "skills": column.ListColumn("Skills", width=200), "is_available": column.CheckboxColumn("Available", width=85),
        "share": column.ProgressColumn(
            "Load", format="%.0f %%", min_value=0, max_value=100, width=150,
            help="Tickets to work on against the capacity. What waits for the customer takes none.",
        ),
        "capacity": column.NumberColumn("Capacity", width=90), **counts,
    }  # fmt: skip

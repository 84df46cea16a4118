"""Agents: their team, skills and capacity."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.teams import actions
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.support._settings.dialogs import dialogs
from pages.support._settings.operators import choice, names_of


def show(actor: Actor, agents: pd.DataFrame, teams: pd.DataFrame, may: bool) -> None:
    """The agents, and what can be done with the chosen one."""
    if agents.empty:
        st.info("Nobody is an agent yet. Add the first one.", icon=":material/support_agent:")
    chosen = _chosen(agents) if len(agents) else None
    if not may:
        return
    with st.container(horizontal=True):
        if st.button("Add agent", key="add_agent", icon=":material/person_add:"):
            dialogs.open_now("add_agent", 0)
        for name, label, icon in (("edit_agent", "Edit", "edit"), ("remove_agent", "Remove", "person_remove")):
            if st.button(label, key=name, icon=f":material/{icon}:", disabled=chosen is None) and chosen:
                dialogs.open_now(name, int(chosen["version"]))
    _dialogs(actor, agents, teams, chosen)


def _chosen(agents: pd.DataFrame) -> dict[Any, Any] | None:
    table = st.dataframe(
        agents, hide_index=True, key="agents", on_select="rerun", selection_mode="single-row",
        column_order=["name", "team", "skills", "capacity", "is_available"],
        column_config={
            "name": "Agent", "team": "Team", "skills": "Skills", "capacity": "Capacity", "is_available": "Available",
        },
    )  # fmt: skip
    return agents.iloc[table.selection.rows[0]].to_dict() if table.selection.rows else None


def _dialogs(actor: Actor, agents: pd.DataFrame, teams: pd.DataFrame, chosen: dict[Any, Any] | None) -> None:
    if dialogs.is_open("add_agent"):
        _add_agent(actor, agents, teams)
    if chosen and dialogs.is_open("edit_agent"):
        _edit_agent(actor, chosen, teams)
    if chosen and dialogs.is_open("remove_agent"):
        _remove_agent(actor, chosen)


def _agent_values(agent: dict[Any, Any], teams: pd.DataFrame, prefix: str) -> dict[str, Any]:
    names = dict(zip(teams["id"], teams["name"], strict=True))
    team = choice("Team", names, agent.get("team_id"), f"{prefix}_team")
    skills = list(agent.get("skills", ()))
    return {
        "team_id": UUID(team) if team else None,
        "skills": st.multiselect("Skills", skills, skills, key=f"{prefix}_skills", accept_new_options=True,
                                 placeholder="Categories that the agent knows"),
        "capacity": st.number_input("Capacity", 1, 1000, int(agent.get("capacity", 20)), 1, key=f"{prefix}_capacity",
                                    help="Open tickets at a time."),
        "is_available": st.toggle("Available", bool(agent.get("is_available", True)), key=f"{prefix}_available"),
    }  # fmt: skip


@st.dialog("Add agent", on_dismiss=dialogs.close)
def _add_agent(actor: Actor, agents: pd.DataFrame, teams: pd.DataFrame) -> None:
    taken = set(agents["operator_id"])
    names = {key: name for key, name in names_of(actor).items() if key not in taken}
    with st.form("add_agent_form", border=False):
        who = st.selectbox("Operator", list(names), None, key="new_agent", format_func=names.__getitem__)
        typed = _agent_values({}, teams, "new_agent")
        if st.form_submit_button("Add agent", type="primary", key="new_agent_submit"):
            if who is None:
                st.error("Choose the operator.", icon=":material/error:")
            else:
                run_action(actions.put_agent, actor, UUID(who), version=0, **typed, done=dialogs.closing("Added."))


@st.dialog("Edit agent", on_dismiss=dialogs.close)
def _edit_agent(actor: Actor, agent: dict[Any, Any], teams: pd.DataFrame) -> None:
    with st.form("edit_agent_form", border=False):
        st.text(agent["name"])
        typed = _agent_values(agent, teams, "agent")
        if st.form_submit_button("Save", type="primary", key="agent_submit"):
            run_action(
                actions.put_agent, actor, UUID(agent["operator_id"]), version=dialogs.version(), **typed,
                done=dialogs.closing("Saved."),
            )  # fmt: skip


@st.dialog("Remove agent", on_dismiss=dialogs.close)
def _remove_agent(actor: Actor, agent: dict[Any, Any]) -> None:
    st.write(f"{plain(agent['name'])} is given no more tickets by quick assignment. The present ones stay.")
    if st.button("Remove", type="primary", key="remove_agent_submit"):
        run_action(actions.remove_agent, actor, UUID(agent["operator_id"]), done=dialogs.closing("Removed."))

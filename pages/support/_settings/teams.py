"""Who answers: teams with their lead and manager, and agents with skills and capacity."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.teams import actions, queries
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.support._settings import agents as agents_part
from pages.support._settings.dialogs import dialogs
from pages.support._settings.operators import choice, names_of


def show(actor: Actor) -> None:
    """Teams, then agents."""
    if not actor.may("tickets:read"):
        st.info("Teams and agents are for those who may read tickets.", icon=":material/lock:")
        return
    may = actor.may("support_settings:update")
    teams, agents = queries.teams(actor), queries.agents(actor)
    _teams(actor, teams, may)
    agents_part.show(actor, agents, teams, may)


def _teams(actor: Actor, teams: pd.DataFrame, may: bool) -> None:
    chosen = None
    if teams.empty:
        st.info("There is no team yet. Create the first one.", icon=":material/groups:")
    else:
        table = st.dataframe(
            teams, hide_index=True, key="teams", on_select="rerun", selection_mode="single-row",
            column_order=["name", "lead", "manager", "agents"],
            column_config={"name": "Team", "lead": "Lead", "manager": "Manager", "agents": "Agents"},
        )  # fmt: skip
        chosen = teams.iloc[table.selection.rows[0]].to_dict() if table.selection.rows else None
    if may:
        _team_acts(actor, chosen)


def _team_acts(actor: Actor, chosen: dict[Any, Any] | None) -> None:
    with st.container(horizontal=True):
        if st.button("Create team", key="create_team", icon=":material/group_add:"):
            dialogs.open_now("create_team")
        for name, label, icon in (("edit_team", "Edit", "edit"), ("archive_team", "Archive", "archive")):
            if st.button(label, key=name, icon=f":material/{icon}:", disabled=chosen is None) and chosen:
                dialogs.open_now(name, int(chosen["version"]))
    if dialogs.is_open("create_team"):
        _create_team(actor)
    if chosen and dialogs.is_open("edit_team"):
        _edit_team(actor, chosen)
    if chosen and dialogs.is_open("archive_team"):
        _archive_team(actor, chosen)


def _team_values(actor: Actor, team: dict[Any, Any], prefix: str) -> dict[str, Any]:
    names = names_of(actor)
    values: dict[str, Any] = {"name": st.text_input("Name", team.get("name", ""), key=f"{prefix}_name", max_chars=100)}
    for field, label in (("lead_id", "Lead"), ("manager_id", "Manager")):
        chosen = choice(label, names, team.get(field), f"{prefix}_{field}")
        values[field] = UUID(chosen) if chosen else None
    return values


@st.dialog("Create team", on_dismiss=dialogs.close)
def _create_team(actor: Actor) -> None:
    with st.form("create_team_form", border=False):
        typed = _team_values(actor, {}, "new_team")
        if st.form_submit_button("Create team", type="primary", key="new_team_submit"):
            run_action(actions.create_team, actor, **typed, done=dialogs.closing("Created."))


@st.dialog("Edit team", on_dismiss=dialogs.close)
def _edit_team(actor: Actor, team: dict[Any, Any]) -> None:
    with st.form("edit_team_form", border=False):
        typed = _team_values(actor, team, "team")
        if st.form_submit_button("Save", type="primary", key="team_submit"):
            run_action(
                actions.update_team, actor, UUID(team["id"]), version=dialogs.version(), **typed,
                done=dialogs.closing("Saved."),
            )  # fmt: skip


@st.dialog("Archive team", on_dismiss=dialogs.close)
def _archive_team(actor: Actor, team: dict[Any, Any]) -> None:
    st.write(f"{plain(team['name'])} is given no more tickets, and its agents belong to no team.")
    if st.button("Archive", type="primary", key="archive_team_submit"):
        run_action(
            actions.archive_team, actor, UUID(team["id"]), version=dialogs.version(), done=dialogs.closing("Archived.")
        )

"""Who is an agent, with which skills and capacity, and whether available."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.teams import actions
from core.support.teams.rules import MOST_CAPACITY
from pages._parts.dialogs import Dialogs
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.support._queue import known

dialogs = Dialogs("agents")
ADD, EDIT, REMOVE, _AGENT = "add", "edit", "remove", "agents_chosen"
FULL = 20


def buttons(actor: Actor, row: Any) -> None:
    """What can be done with the chosen agent, or without one."""
    if not actor.may("support_settings:update"):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Add agent", key="agent_add", icon=":material/person_add:"):
            dialogs.open_now(ADD, 0)
        if row is None:
            return
        _change(actor, row)


def _change(actor: Actor, row: Any) -> None:
    is_available = bool(row["is_available"])
    label, icon = ("Make unavailable", "pause") if is_available else ("Make available", "play_arrow")
    if st.button(label, key="agent_available", icon=f":material/{icon}:"):
        said = f"{row['name']} is {'not ' if is_available else ''}given tickets by quick assignment."
        run_action(actions.set_available, actor, UUID(row["operator_id"]), is_available=not is_available, done=said)
    for name, label, icon in ((EDIT, "Edit", "edit"), (REMOVE, "Remove", "person_remove")):
        if st.button(label, key=f"agent_{name}", icon=f":material/{icon}:"):
            st.session_state[_AGENT] = row.to_dict()
            dialogs.open_now(name, int(row["version"]))


def dialog(actor: Actor, found: pd.DataFrame) -> None:
    """The form that is open. `found` are the agents that are known."""
    if dialogs.is_open(ADD):
        _add(actor, set(found["operator_id"]))
    if dialogs.is_open(EDIT):
        _edit(actor, st.session_state[_AGENT])
    if dialogs.is_open(REMOVE):
        _remove(actor, st.session_state[_AGENT])


@st.dialog("Add an agent", on_dismiss=dialogs.close)
def _add(actor: Actor, present: set[str]) -> None:
    free = {key: label for key, label in known.colleagues(actor).items() if str(key) not in present}
    chosen = st.selectbox(
        "Operator", list(free), index=None, key="agent_operator", format_func=free.__getitem__,
        help="Operators in service whose role answers tickets.",
    )  # fmt: skip
    given = _fields(actor, {})
    if st.button("Add", key="agent_add_submit", type="primary", disabled=chosen is None):
        run_action(actions.put_agent, actor, chosen, **given, version=0, done=dialogs.closing("Agent added."))


@st.dialog("Edit an agent", on_dismiss=dialogs.close)
def _edit(actor: Actor, agent: dict[str, Any]) -> None:
    st.markdown(f"**{plain(str(agent['name']))}**")
    given = _fields(actor, agent)
    if st.button("Save", key="agent_edit_submit", type="primary"):
        given |= {"version": dialogs.version(), "is_available": bool(agent["is_available"])}
        run_action(actions.put_agent, actor, UUID(agent["operator_id"]), **given, done=dialogs.closing("Saved."))


def _fields(actor: Actor, agent: dict[str, Any]) -> dict[str, Any]:
    teams = known.teams(actor)
    now = agent.get("team_id")
    offered: list[UUID | None] = [None, *teams]
    place = next((place for place, key in enumerate(offered) if key and str(key) == now), 0)
    team_id = st.selectbox(
        "Team", offered, index=place, key="agent_team", format_func=lambda key: teams[key] if key else "None"
    )
    present = list(agent.get("skills") or ())
    skills = st.multiselect(
        "Skills", present, present, key="agent_skills", accept_new_options=True, placeholder="Type a skill and press Enter",
        help="Quick assignment by skill compares them with a ticket's category and tags.",
    )  # fmt: skip
    capacity = st.number_input(
        "Capacity", 1, MOST_CAPACITY, int(agent.get("capacity") or FULL), key="agent_capacity",
        help="How many open tickets are a full load.",
    )  # fmt: skip
    return {"team_id": team_id, "skills": skills, "capacity": int(capacity)}


@st.dialog("Remove an agent", on_dismiss=dialogs.close)
def _remove(actor: Actor, agent: dict[str, Any]) -> None:
    st.markdown(
        f"**{plain(str(agent['name']))}** is no agent any more, and keeps {int(agent['active']):,} active tickets. Give these "
        "to colleagues in the queue."
    )
    if st.button("Remove", key="agent_remove_submit", type="primary"):
        run_action(actions.remove_agent, actor, UUID(agent["operator_id"]), done=dialogs.closing("Agent removed."))

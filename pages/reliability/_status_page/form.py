"""The fields of a component, new or known."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.status_page import actions, rules
from pages._parts.frame import run_action
from pages.reliability._status_page.dialogs import dialogs


@st.dialog("Add component", width="medium", on_dismiss=dialogs.close)
def create(actor: Actor, monitors: dict[UUID, str]) -> None:
    """What customers see, and where its state comes from."""
    with st.form("component_new", border=False):
        typed = _fields({}, monitors, "new")
        if st.form_submit_button("Add component", type="primary", key="new_submit"):
            run_action(
                actions.create_component, actor, **typed, done=dialogs.closing("Added. The page follows in a moment.")
            )


@st.dialog("Edit component", width="medium", on_dismiss=dialogs.close)
def edit(actor: Actor, component: dict[str, Any], monitors: dict[UUID, str]) -> None:
    """The same of one that is there."""
    with st.form("component_edit", border=False):
        typed = _fields(component, monitors, "edit")
        if st.form_submit_button("Save", type="primary", key="edit_submit"):
            run_action(
                actions.update_component, actor, UUID(component["id"]), version=dialogs.version(), **typed,
                done=dialogs.closing("Saved. The page follows in a moment."),
            )  # fmt: skip


def _fields(known: dict[str, Any], monitors: dict[UUID, str], prefix: str) -> dict[str, Any]:
    name = st.text_input("Name", known.get("name", ""), key=f"{prefix}_name", max_chars=rules.MAX_NAME)
    told = st.text_input(
        "Description", known.get("description", ""), key=f"{prefix}_description", max_chars=rules.MAX_DESCRIPTION,
        help="Shown to everybody.",
    )  # fmt: skip
    group = st.text_input("Group", known.get("group_name", ""), key=f"{prefix}_group", max_chars=rules.MAX_GROUP)
    held = list(known.get("monitor_ids", ()))
    offered = [*monitors, *(key for key in held if key not in monitors)]
    chosen = st.multiselect(
        "Monitors", offered, held, key=f"{prefix}_monitors",
        format_func=lambda key: monitors.get(key, "One that you may not see"),
        help="Its state is theirs: one of several down is a partial outage, all of them a major one. Names and addresses of "
        "monitors are never shown.",
    )  # fmt: skip
    services = st.multiselect(
        "Services", list(known.get("services", ())), list(known.get("services", ())), key=f"{prefix}_services",
        accept_new_options=True, help="What incidents name when they hit it.",
    )  # fmt: skip
    return {"name": name, "description": told, "group_name": group, "monitor_ids": chosen, "services": services}

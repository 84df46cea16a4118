"""What can be done with one component."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.status_page import actions, rules
from core.reliability.status_page.state import SETTABLE, TITLES
from pages._parts.frame import run_action
from pages.reliability._status_page import form, words
from pages.reliability._status_page.dialogs import dialogs


def show(actor: Actor, component: dict[str, Any], monitors: dict[UUID, str]) -> None:
    """Its state, the buttons that fit it, and the dialog that one of them opened."""
    is_set = not pd.isna(component["manual_state"])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(words.plain(component["name"]), anchor=False, width="content")
        state = component["state"]
        st.badge(TITLES[state], color=words.COLOURS[state], icon=f":material/{words.ICONS[state]}:")
    if is_set:
        st.caption(f"Set by hand: {words.plain(component['manual_reason'])}")
    with st.container(horizontal=True):
        for name, (label, icon) in _offered(is_set).items():
            if st.button(label, key=name, icon=f":material/{icon}:"):
                dialogs.open_now(name, component["version"])
    if dialogs.is_open("edit"):
        form.edit(actor, component, monitors)
    for name, dialog in _DIALOGS.items():
        if dialogs.is_open(name):
            dialog(actor, component)


def _offered(is_set: bool) -> dict[str, tuple[str, str]]:
    offered = {"edit": ("Edit", "edit"), "set_state": ("Set state", "tune")}
    if is_set:
        offered["clear_state"] = ("Follow monitors again", "sensors")
    return offered | {"archive": ("Take off the page", "visibility_off")}


@st.dialog("Set state", on_dismiss=dialogs.close)
def _set_state(actor: Actor, component: dict[str, Any]) -> None:
    st.write("It is shown whatever monitors and incidents say, until somebody takes it back.")
    with st.form("state", border=False):
        state = st.selectbox("State", SETTABLE, key="state_value", format_func=TITLES.__getitem__, index=None)
        reason = st.text_area("Reason", key="state_reason", max_chars=rules.MAX_REASON, help="Stays inside.")
        if st.form_submit_button("Set state", type="primary", key="state_submit"):
            run_action(
                actions.set_state, actor, UUID(component["id"]), state=state, reason=reason, version=dialogs.version(),
                done=dialogs.closing("Set. The page follows in a moment."),
            )  # fmt: skip


@st.dialog("Follow monitors again", on_dismiss=dialogs.close)
def _clear_state(actor: Actor, component: dict[str, Any]) -> None:
    st.text(f"{component['name']} shows again what monitors and incidents say.")
    if st.button("Follow monitors again", key="clear_submit", type="primary"):
        run_action(
            actions.clear_state, actor, UUID(component["id"]), version=dialogs.version(),
            done=dialogs.closing("Done. The page follows in a moment."),
        )  # fmt: skip


@st.dialog("Take off the page", on_dismiss=dialogs.close)
def _archive(actor: Actor, component: dict[str, Any]) -> None:
    st.text(
        f"{component['name']} vanishes from the page with its 90 days. It cannot be put back; a new one can be added."
    )
    if st.button("Take off the page", key="archive_submit", type="primary"):
        run_action(
            actions.archive_component, actor, UUID(component["id"]), version=dialogs.version(),
            done=dialogs.closing("Taken off."),
        )  # fmt: skip


_DIALOGS = {"set_state": _set_state, "clear_state": _clear_state, "archive": _archive}

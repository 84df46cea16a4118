"""The routes, in the order in which they are asked."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.channels import queries
from core.health.channels import routes as actions
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.health._alerts import route_form, words
from pages.health._alerts.dialogs import dialogs

_CHOSEN = "alerts_route"


def show(actor: Actor, channels: pd.DataFrame) -> None:
    """One line per route with what can be done with it."""
    found = queries.routes(actor)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Routes", anchor=False)
        if actor.may("alert_channels:create") and st.button("Create route", key="create_route", icon=":material/add:"):
            dialogs.open_now(route_form.CREATE)
    st.caption("Asked from the top: the first that matches an alert ends the search, unless it continues.")
    _dialogs(actor, channels, found)
    if found.empty:
        st.warning("There is no route, so nobody is told of alerts. Create one.", icon=":material/notifications_off:")
        return
    for number, route in enumerate(found.to_dict("records"), start=1):
        _line(actor, route, number, len(found))


def _dialogs(actor: Actor, channels: pd.DataFrame, found: pd.DataFrame) -> None:
    if dialogs.is_open(route_form.CREATE):
        route_form.create(actor, channels)
    chosen = found[found["id"] == st.session_state.get(_CHOSEN)].to_dict("records")
    if chosen and dialogs.is_open(route_form.EDIT):
        route_form.edit(actor, chosen[0], channels)
    if chosen and dialogs.is_open("delete_route"):
        _delete(actor, chosen[0])


def _line(actor: Actor, route: dict[Any, Any], number: int, most: int) -> None:
    with st.container(border=True, gap="xsmall"), st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap="xsmall"):
            _told(route, number)
        if actor.may("alert_channels:update"):
            _acts(actor, route, number, most)
        if actor.may("alert_channels:delete"):
            _open("Delete", "delete", "delete_route", route)


def _told(route: dict[Any, Any], number: int) -> None:
    state = "" if route["is_enabled"] else " :gray-badge[Disabled]"
    state += " :blue-badge[Continues]" if route["continues"] else ""
    st.markdown(f"**{number}. {plain(route['name'])}**{state} → {plain(', '.join(route['channels']) or 'nobody')}")
    parts = [
        f"Severity: {words.every(route['severities'], words.SEVERITIES)}", f"Area: {words.every(route['areas'])}",
        words.hours(route), words.escalation(route),
    ]  # fmt: skip
    st.caption(" · ".join(plain(part) for part in parts if part))


def _acts(actor: Actor, route: dict[Any, Any], number: int, most: int) -> None:
    key = UUID(str(route["id"]))
    for label, icon, to, stuck in (
        ("Ask earlier", "arrow_upward", number - 1, number == 1), ("Ask later", "arrow_downward", number + 1, number == most),
    ):  # fmt: skip
        if st.button(
            "", key=f"move_{to}_{key}", icon=f":material/{icon}:", help=label, disabled=stuck, type="tertiary"
        ):
            run_action(actions.move, actor, key, to=to, done="Moved.")
    is_on, act = bool(route["is_enabled"]), actions.disable if route["is_enabled"] else actions.enable
    icon, label = ("pause", "Disable") if is_on else ("play_arrow", "Enable")
    if st.button("", key=f"switch_{key}", icon=f":material/{icon}:", help=label, type="tertiary"):
        run_action(act, actor, key, version=route["version"], done=f"{label}d.")
    _open("Edit", "edit", route_form.EDIT, route)


def _open(label: str, icon: str, dialog: str, route: dict[Any, Any]) -> None:
    if st.button("", key=f"{dialog}_{route['id']}", icon=f":material/{icon}:", help=label, type="tertiary"):
        st.session_state[_CHOSEN] = route["id"]
        dialogs.open_now(dialog, route["version"])


@st.dialog("Delete route", on_dismiss=dialogs.close)
def _delete(actor: Actor, route: dict[Any, Any]) -> None:
    st.write(f"**{plain(route['name'])}** is gone for good, and what it would still escalate is not taken further.")
    with st.form("delete_route_form", border=False):
        reason = st.text_area("Reason", key="delete_route_reason", max_chars=500, placeholder="Replaced by another")
        if st.form_submit_button("Delete", type="primary", key="delete_route_submit"):
            given = {"reason": reason, "version": dialogs.version()}
            run_action(actions.delete, actor, UUID(str(route["id"])), **given, done=dialogs.closing("Deleted."))

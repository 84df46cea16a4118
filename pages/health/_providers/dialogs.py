"""What can be done with a provider."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import streamlit as st

from core.health.providers import actions, queries, rules
from core.kernel.actor import Actor
from pages._parts.dialogs import Dialogs
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.health._providers.texts import channel

dialogs = Dialogs("providers")


@st.dialog("Add provider", on_dismiss=dialogs.close, icon=":material/add:")
def add(actor: Actor, name: str, of_channel: str) -> None:
    """A new one, last in the order of its channel."""
    with st.form("add_provider", border=False):
        typed = st.text_input(
            "Name", name, key="new_name", max_chars=rules.MAX_NAME, placeholder="As the messages carry it"
        )
        offered = list(dict.fromkeys([*rules.CHANNELS, *([of_channel] if of_channel else [])]))
        chosen = st.selectbox(
            "Channel", offered, offered.index(of_channel) if of_channel else None, key="new_channel", format_func=channel,
            accept_new_options=True, placeholder="Choose a channel",
        )  # fmt: skip
        note = st.text_area("Note", key="new_note", max_chars=rules.MAX_NOTE)
        is_enabled = st.checkbox("Enabled", True, key="new_enabled", help="It is used once those before it are not.")
        if st.form_submit_button("Add provider", type="primary", key="new_submit"):
            run_action(
                actions.create, actor, name=typed, channel=chosen or "", note=note, is_enabled=is_enabled,
                done=dialogs.closing("Added."),
            )  # fmt: skip


@st.dialog("Edit provider", on_dismiss=dialogs.close)
def edit(actor: Actor, row: Mapping[str, Any]) -> None:
    with st.form("edit_provider", border=False):
        name = st.text_input("Name", row["provider"], key="edit_name", max_chars=rules.MAX_NAME)
        note = st.text_area("Note", row["note"], key="edit_note", max_chars=rules.MAX_NOTE)
        if st.form_submit_button("Save", type="primary", key="edit_submit"):
            run_action(_update, actor, row["id"], row["channel"], name, note, done=dialogs.closing("Saved."))


def _update(actor: Actor, provider_id: str, of_channel: str, name: str, note: str) -> None:
    """Saves, and keeps the provider open under its new name."""
    made = actions.update(actor, UUID(provider_id), name=name, note=note, version=dialogs.version())
    st.query_params.update({"provider": made.name, "channel": of_channel})


@st.dialog("Disable provider", on_dismiss=dialogs.close)
def disable(actor: Actor, row: Mapping[str, Any]) -> None:
    st.markdown(_consequence(actor, row))
    route = queries.route(actor, row["channel"])
    is_last = route.order == (row["provider"],)
    with st.form("disable_provider", border=False):
        leave_none = is_last and st.checkbox(f"Stop all {channel(row['channel'])}", key="disable_last")
        reason = st.text_area("Reason", key="disable_reason", max_chars=500, placeholder="Outage at the provider")
        if st.form_submit_button("Disable", type="primary", key="disable_submit"):
            run_action(
                actions.disable, actor, UUID(row["id"]), reason=reason, leave_none=leave_none, version=dialogs.version(),
                done=dialogs.closing("Disabled."),
            )  # fmt: skip


def _consequence(actor: Actor, row: Mapping[str, Any]) -> str:
    """Who carries the channel once this one does not."""
    name, told = plain(row["provider"]), channel(row["channel"])
    order = queries.route(actor, row["channel"]).order
    if row["provider"] not in order[:1]:
        return f"**{name}** is not in use for {told}: {plain(order[0]) if order else 'nobody'} stays in use."
    if len(order) == 1:
        return f"**{name}** is the last enabled provider for {told}: **nothing would be sent** until one is enabled."
    return f"{told} fails over from **{name}** to **{plain(order[1])}** at once."


@st.dialog("Enable provider", on_dismiss=dialogs.close)
def enable(actor: Actor, row: Mapping[str, Any]) -> None:
    active = queries.route(actor, row["channel"]).active
    before = queries.configured(actor, channel=row["channel"])
    is_first = active is None or not (before.loc[before["name"] == active, "position"] < row["position"]).any()
    name, told = plain(row["provider"]), channel(row["channel"])
    takes = f"{told} goes back from **{plain(active)}** to **{name}**" if active else f"**{name}** carries {told}"
    st.markdown(f"{takes} at once." if is_first else f"**{name}** is used for {told} when those before it are not.")
    if st.button("Enable", type="primary", key="enable_submit"):
        run_action(actions.enable, actor, UUID(row["id"]), version=dialogs.version(), done=dialogs.closing("Enabled."))

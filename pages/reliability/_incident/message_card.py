"""One message as a card: what it says, where it stands, and what can be done with it."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.communication import rules
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import clock
from pages.reliability._incident import message_words as words
from pages.reliability._incident.dialogs import dialogs
from pages.reliability._incident.message_dialogs import CHOSEN
from pages.reliability._incidents.words import STATUS

_BUTTONS = {
    "approve": ("Look and approve", ":material/how_to_reg:"), "send": ("Look and send", ":material/send:"),
    "change": ("Edit", ":material/edit:"), "cancel": ("Cancel", ":material/cancel:"),
    "log": ("Log", ":material/receipt_long:"),
}  # fmt: skip


def show(actor: Actor, incident: dict[str, Any], row: dict[Any, Any]) -> None:
    """The card; its text as it was written, whatever it holds."""
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.badge(words.CHANNEL[row["channel"]], icon=words.CHANNEL_ICONS[row["channel"]], color="gray")
            if row["channel"] != "status_page":
                st.badge(words.AUDIENCE[row["audience"]], color="violet")
            said, colour = words.STATUS[row["status"]]
            st.badge(said, color=colour)
            if row["channel"] == "status_page":
                st.badge(STATUS[row["incident_status"]], color="blue")
            st.caption(_who(actor, row))
        if row["subject"]:
            st.markdown(f"**{plain(row['subject'])}**")
        st.text(row["body"])
        _acts(actor, incident, row)


def _acts(actor: Actor, incident: dict[str, Any], row: dict[Any, Any]) -> None:
    """What became of it, and the buttons that fit."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if row["status"] == "sent":
            st.caption(words.log(row))
        for name in _offered(actor, incident, row):
            label, icon = _BUTTONS[name]
            if st.button(label, key=f"message_{name}_{row['id']}", icon=icon):
                _open(name, row)


def _open(name: str, row: dict[Any, Any]) -> None:
    st.session_state[CHOSEN] = UUID(row["id"])
    dialogs.open_now(f"message_{name}", int(row["version"]))


def _who(actor: Actor, row: dict[Any, Any]) -> str:
    now, where = utc_now(), zone(actor)
    told = f"{plain(row['written_by_name'])} · {clock(row['created_at'], where, now=now)}"
    if not pd.isna(row["approved_by_name"]):
        told += f" · approved by {plain(row['approved_by_name'])}"
    if not pd.isna(row["sent_at"]):
        told += f" · sent {clock(row['sent_at'], where, now=now)}"
    return told


def _offered(actor: Actor, incident: dict[str, Any], row: dict[Any, Any]) -> list[str]:
    """What fits the message's state and the viewer."""
    if row["status"] == "sent":
        return ["log"]
    if row["status"] == "cancelled" or incident["merged_into_id"]:
        return []
    offered: list[str] = []
    is_asked = rules.needs_approval(incident["severity"], row["audience"])
    if row["status"] == "waiting" and actor.may("incidents:approve"):
        offered.append("approve")
    if actor.may("incidents:update"):
        if not is_asked or row["status"] == "approved":
            offered.append("send")
        offered += ["change", "cancel"]
    return offered

"""What an incident is and how it stands; it stays fresh while it runs, and the time to the next word counts down."""

from datetime import datetime
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.incidents import queries, rules
from pages._parts.frame import live
from pages._parts.markdown import plain
from pages.reliability._incidents import words


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """Number and title, severity, state, how long, and when the next word is due."""
    st.subheader(f"{plain(incident['reference'])} {plain(incident['title'])}", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(words.SEVERITY[incident["severity"]], color=words.SEVERITY_COLOURS[incident["severity"]])
        st.badge(words.STATUS[incident["status"]], color=words.STATUS_COLOURS[incident["status"]])
        _length(incident)
        if incident["is_public"]:
            st.badge("On the status page", icon=":material/public:", color="violet")
        if incident["next_update_at"] is not None and incident["status"] in rules.LIVE:
            _countdown(incident["next_update_at"])
    if incident["merged_into_id"]:
        st.info(
            f"This incident was merged into {incident['merged_into']}, where it goes on.", icon=":material/call_merge:"
        )
        st.page_link(
            "reliability/incident.py", label=f"Open {incident['merged_into']}", icon=":material/arrow_forward:",
            query_params={"id": str(incident["merged_into_id"])},
        )  # fmt: skip
    if incident["status"] in rules.LIVE:
        _watch(actor, incident)


def _length(incident: dict[str, Any]) -> None:
    """How long it lasts or lasted, against what its severity allows."""
    lasts, target = words.lasting(incident, utc_now()), rules.TARGETS[incident["severity"]]
    is_late = target is not None and lasts > target
    told = f"{words.length(lasts)} of {words.length(target)}" if target else words.length(lasts)
    st.badge(
        told, icon=":material/timer:", color="red" if is_late else "gray",
        help="From the beginning to the end, or until now, and what this severity allows.",
    )  # fmt: skip


@st.fragment(run_every="1s")
def _countdown(due_at: datetime) -> None:
    """Of a time that is known: it reads nothing."""
    told, colour = words.countdown(due_at, utc_now())
    st.badge(told, icon=":material/campaign:", color=colour)


@live("10s")
def _watch(actor: Actor, incident: dict[str, Any]) -> None:
    """Draws the page again when somebody changed the incident."""
    if queries.one(actor, incident["id"])["version"] != incident["version"]:
        st.rerun()

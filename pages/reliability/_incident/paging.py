"""Who was called for this incident, and calling somebody by hand."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import rules
from core.reliability.on_call import page_queries as queries
from core.reliability.on_call import pages as acting
from pages._parts.frame import live, run_action, zone
from pages._parts.markdown import plain
from pages.reliability._incidents.words import Colour

_STATUS: dict[str, tuple[str, Colour]] = {
    "open": ("Nobody answered yet", "red"), "acknowledged": ("Acknowledged", "green"), "resolved": ("Over", "gray"),
    "exhausted": ("Nobody answered at all", "red"),
}  # fmt: skip


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """The pages, and the form that makes one."""
    if actor.may("incidents:update") and incident["status"] in rules.LIVE:
        _form(actor, incident)
    draw = _fresh if incident["status"] in rules.LIVE else _pages
    draw(actor, incident)


def _form(actor: Actor, incident: dict[str, Any]) -> None:
    policies = {row["id"]: row["name"] for row in queries.policies(actor).to_dict("records")}
    if not policies:
        st.info("There is no escalation policy yet. Make one on the page On-call.", icon=":material/phone_in_talk:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        policy_id = st.selectbox(
            "Escalation policy", list(policies), key="page_policy", format_func=policies.__getitem__, width=300
        )
        if st.button("Page now", key="page_submit", icon=":material/phone_in_talk:"):
            run_action(acting.page, actor, incident["id"], policy_id=UUID(policy_id), done="Paged.")


def _pages(actor: Actor, incident: dict[str, Any]) -> None:
    found = queries.pages_of(actor, incident["id"])
    if found.empty:
        st.info("Nobody was paged for this incident.", icon=":material/phone_in_talk:")
    for row in found.to_dict("records"):
        _page(actor, row)


_fresh = live("10s")(_pages)


def _page(actor: Actor, row: dict[Any, Any]) -> None:
    told, colour = _STATUS[row["status"]]
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(row['policy'])}**", width="content")
            st.badge(told, color=colour)
            st.caption(f"{row['created_at'].astimezone(zone(actor)):%d %b %Y %H:%M:%S}")
        taken = row["acknowledged_by_name"]
        st.caption(
            f"Step {min(int(row['step']) + 1, int(row['steps']))} of {int(row['steps'])}"
            + (f" · {plain(taken)}" if isinstance(taken, str) else "")
        )
        if row["status"] in ("open", "exhausted") and actor.may("incidents:update") and st.button(
            "Acknowledge", key=f"page_ack_{row['id']}", icon=":material/front_hand:"
        ):  # fmt: skip
            run_action(acting.acknowledge, actor, UUID(row["id"]), done="Acknowledged.")

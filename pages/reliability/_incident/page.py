"""One incident: its head, what can be done, and its parts, of which only the open one runs."""

import importlib
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.reads import as_id
from core.reliability.incidents import queries, rules
from pages.reliability._incident import acts, facts, head

_STATE = "incident_tab"
TABS = {
    "timeline": "Timeline", "impact": "Impact", "messages": "Messages", "links": "Links", "paging": "On-call", "review": "Review",
}  # fmt: skip


def show(actor: Actor) -> None:
    """The incident that the address names, by its id; or a box to name one."""
    key = st.query_params.get("id")
    if not key:
        _ask(actor)
        return
    try:
        incident = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This incident does not exist.", icon=":material/search_off:")
        _ask(actor)
        return
    if st.button("All incidents", key="back", icon=":material/arrow_back:", type="tertiary"):
        st.switch_page("reliability/incidents.py")
    head.show(actor, incident)
    acts.show(actor, incident)
    main, side = st.columns([7, 3], gap="medium")
    with side:
        facts.show(actor, incident)
    with main:
        _tabs(actor, incident)


def _ask(actor: Actor) -> None:
    """Opens an incident by its number or id."""
    with st.form("find_incident", border=False):
        typed = st.text_input("Number", key="find_number", placeholder=rules.number_of(42), width=260)
        if not st.form_submit_button("Open", key="find_submit", icon=":material/open_in_full:"):
            return
    found = as_id(typed) or _by_number(actor, rules.parsed_number(typed))
    if found is None:
        st.warning("There is no incident of this number. Look at the number again.", icon=":material/search_off:")
        return
    st.query_params["id"] = str(found)
    st.rerun()


def _by_number(actor: Actor, number: int | None) -> UUID | None:
    try:
        return None if number is None else queries.by_number(actor, number)["id"]
    except NotFound:
        return None


def _tabs(actor: Actor, incident: dict[str, Any]) -> None:
    """The address decides which is open, so that a link to a part works."""
    offered = {key: title for key, title in TABS.items() if key != "paging" or actor.may("on_call:read")}
    wanted = st.query_params.get("tab", "timeline").lower()
    if wanted not in offered:
        st.caption(f"This page has no part “{wanted[:40]}”; this is the timeline.")
        wanted = "timeline"
    st.session_state[_STATE] = offered[wanted]
    drawn = st.tabs(list(offered.values()), key=_STATE, on_change=_remember)
    with drawn[list(offered).index(wanted)]:
        importlib.import_module(f"{__package__}.{wanted}").show(actor, incident)


def _remember() -> None:
    label = st.session_state[_STATE]
    st.query_params["tab"] = next(key for key, title in TABS.items() if title == label)

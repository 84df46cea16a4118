"""One ticket: its head, what can be done, and its parts, of which only the open one runs."""

import importlib
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.reads import as_id
from core.support.tickets import numbers, queries
from pages.support._queue import way
from pages.support._ticket import acting, acts, facts, head, viewers

_STATE = "ticket_tab"
TABS = {
    "conversation": "Conversation", "history": "Time line", "clock": "Clock", "links": "Links", "customer": "Customer",
}  # fmt: skip


def show(actor: Actor) -> None:
    """The ticket that the address names, by its id; or a box to name one."""
    key = st.query_params.get("id")
    if not key:
        _ask(actor)
        return
    try:
        ticket = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This ticket does not exist, or is not among those you may see.", icon=":material/search_off:")
        _ask(actor)
        return
    _bar(actor, ticket)
    head.show(actor, ticket)
    acts.show(actor, ticket)
    main, side = st.columns([7, 3], gap="medium")
    with side:
        facts.show(actor, ticket)
    with main:
        _tabs(actor, ticket)
    acting.drawn(ticket)


def _ask(actor: Actor) -> None:
    """Opens a ticket by its number or id."""
    with st.form("find_ticket", border=False):
        typed = st.text_input("Number", key="find_number", placeholder=numbers.shown(42), width=260)
        if not st.form_submit_button("Open", key="find_submit", icon=":material/open_in_full:"):
            return
    found = as_id(typed) or _by_number(actor, numbers.parsed(typed))
    if found is None:
        st.warning(
            "There is no ticket of this number in your sight. Look at the number again.", icon=":material/search_off:"
        )
        return
    st.query_params["id"] = str(found)
    st.rerun()


def _by_number(actor: Actor, number: int | None) -> UUID | None:
    try:
        return None if number is None else queries.by_number(actor, number)["id"]
    except NotFound:
        return None


def _bar(actor: Actor, ticket: dict[str, Any]) -> None:
    """Back to the queue, along its order, and who else is here."""
    way.put_cursor(str(ticket["id"]))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Queue", key="back", icon=":material/arrow_back:", type="tertiary", shortcut="Q"):
            way.back()
        if st.button("Previous", key="ticket_previous", icon=":material/chevron_left:", shortcut="K"):
            _step(actor, ticket, -1)
        if st.button("Next", key="ticket_next", icon=":material/chevron_right:", shortcut="J"):
            _step(actor, ticket, 1)
        with st.container(width="stretch", horizontal=True, horizontal_alignment="right"):
            viewers.show(actor, ticket["id"])


def _step(actor: Actor, ticket: dict[str, Any], step: int) -> None:
    found = way.beside(actor, str(ticket["id"]), step)
    if found is None:
        st.toast("This is the last ticket of the queue." if step > 0 else "This is the first ticket of the queue.")
        return
    st.query_params["id"] = found
    st.rerun()


def _tabs(actor: Actor, ticket: dict[str, Any]) -> None:
    """The address decides which is open, so that a link to a part works."""
    wanted = st.query_params.get("tab", "conversation").lower()
    if wanted not in TABS:
        st.caption(f"This page has no part “{wanted[:40]}”; this is the conversation.")
        wanted = "conversation"
    st.session_state[_STATE] = TABS[wanted]
    drawn = st.tabs(list(TABS.values()), key=_STATE, on_change=_remember)
    with drawn[list(TABS).index(wanted)]:
        importlib.import_module(f"{__package__}.{wanted}").show(actor, ticket)


def _remember() -> None:
    label = st.session_state[_STATE]
    st.query_params["tab"] = next(key for key, title in TABS.items() if title == label)

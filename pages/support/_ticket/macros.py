"""Prepared answers: put into the reply, to be read before they are sent."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError
from core.support.tickets import actions, macros
from pages.support import _words as words
from pages.support._ticket import acting

_SETS = "ticket_macro_sets"
Ticket = dict[str, Any]
Insert = Callable[[str, bool], None]  # the text, and whether it is a note to colleagues


def picker(actor: Actor, ticket: Ticket, insert: Insert) -> None:
    """The macros, read when the popover is open; and what else the one that was inserted would set."""
    popover = st.popover("Insert a macro", icon=":material/auto_fix_high:", key="macros", on_change="rerun")
    if popover.open:
        with popover:
            _choose(actor, ticket, insert)
    _offer(actor, ticket)


def _choose(actor: Actor, ticket: Ticket, insert: Insert) -> None:
    found = macros.directory(actor)
    names = dict(zip(found["id"], found["name"], strict=True))
    if not names:
        st.caption("There are no macros yet.")
        return
    chosen = st.selectbox(
        "Macro", list(names), index=None, key="macro", format_func=names.__getitem__, placeholder="Choose one"
    )
    st.button(
        "Insert", key="macro_insert", disabled=chosen is None, on_click=_fill, args=(actor, ticket, chosen, insert),
        help="At the end of the reply, or of the note; nothing is sent.",
    )  # fmt: skip


def _fill(actor: Actor, ticket: Ticket, macro_id: str, insert: Insert) -> None:
    """For a callback. A macro that is gone is told by the next run, which offers it no more."""
    try:
        filled = macros.filled(actor, UUID(macro_id), ticket["id"])
    except ExpectedError as problem:
        st.toast(str(problem), icon=":material/error:")
        return
    insert(filled.body, filled.is_internal)
    st.session_state[_SETS] = (ticket["id"], {"priority": filled.priority, "tags": list(filled.tags)})


def _offer(actor: Actor, ticket: Ticket) -> None:
    """Priority and tags that go with the macro, where the ticket does not have them."""
    of, sets = st.session_state.get(_SETS, (None, {}))
    if of != ticket["id"]:
        return
    more = [tag for tag in sets["tags"] if tag not in ticket["tags"]]
    values: dict[str, Any] = {"tags": [*ticket["tags"], *more]} if more else {}
    if sets["priority"] not in (None, ticket["priority"]):
        values["priority"] = sets["priority"]
    if not values:
        return
    told = [words.PRIORITY[values["priority"]]] * ("priority" in values) + more
    if st.button(f"Set as the macro says: {', '.join(told)}", key="macro_apply", icon=":material/check:"):
        acting.run(actor, ticket, actions.update, done="Set.", **values)

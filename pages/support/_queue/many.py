"""What can be done with many tickets: of the chosen rows, or of all that match."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.tickets import queries
from core.support.tickets.bulk import MOST
from pages.support._queue import changing, giving, merging
from pages.support._queue.choices import Choices
from pages.support._queue.dialogs import dialogs

_CHOSEN = "tickets_chosen"
ACTS = {
    "assign": ("Assign", ":material/person_add:"), "quick": ("Quick assign", ":material/bolt:"),
    "status": ("Status", ":material/flag:"), "priority": ("Priority", ":material/priority_high:"),
    "tag": ("Tag", ":material/sell:"), "merge": ("Merge", ":material/call_merge:"),
}  # fmt: skip
_DIALOGS: dict[str, Callable[[Actor, pd.DataFrame], None]] = {
    "assign": giving.assign, "quick": giving.quick, "status": changing.status, "priority": changing.priority,
    "tag": changing.tag, "merge": merging.dialog,
}  # fmt: skip


def bar(actor: Actor, rows: pd.DataFrame, chosen: Choices) -> None:
    """How many are chosen, and what can be done with them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        is_all = bool(st.session_state.get("tickets_all"))
        for name, (label, icon) in ACTS.items():
            if st.button(label, key=f"many_{name}", icon=icon, disabled=rows.empty and not is_all):
                _open(actor, name, rows, chosen, is_all=is_all)
        everything = st.toggle("All that match", key="tickets_all", help=f"Instead of the chosen rows, at most {MOST}.")
        if everything:
            st.caption(f"All that match, at most {MOST}.")
        else:
            st.caption(f"{len(rows):,} chosen" if len(rows) else "Choose rows to change many at once.")


def _open(actor: Actor, name: str, rows: pd.DataFrame, chosen: Choices, *, is_all: bool) -> None:
    """The dialog is about these tickets, wherever their rows move meanwhile."""
    if is_all:
        rows = queries.directory(actor, chosen.filters, sort=chosen.sort, limit=MOST).frame
    st.session_state[_CHOSEN] = rows
    dialogs.open_now(name)


def open_dialog(actor: Actor) -> None:
    """The dialog that is open, if any."""
    for name, dialog in _DIALOGS.items():
        if dialogs.is_open(name):
            dialog(actor, st.session_state[_CHOSEN])

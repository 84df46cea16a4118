"""Escalating the ticket that was chosen."""

from typing import Any, get_args

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.reads import as_id
from core.support.breaches import actions
from core.support.tickets.numbers import shown
from pages._parts.dialogs import Dialogs
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.support import _words as words

dialogs = Dialogs("escalations")
ESCALATE, _TICKET = "escalate", "escalations_ticket"
BY = {"priority": "Raise the priority by one step", "lead": "Give it to the lead of its team"}
assert set(BY) == set(get_args(actions.By))


def button(actor: Actor, name: str, row: Any, ticket: str) -> None:
    """Opens the form for the chosen row."""
    if not actor.may("tickets:update"):
        return
    if st.button("Escalate", key=f"{name}_escalate", icon=":material/priority_high:", disabled=row is None):
        told = {key: row[key] for key in ("number", "subject", "priority")}
        st.session_state[_TICKET] = told | {"id": str(row[ticket])}
        dialogs.open_now(ESCALATE, int(row["version"]))


def dialog(actor: Actor) -> None:
    """The form, while it is open."""
    if dialogs.is_open(ESCALATE):
        _form(actor, st.session_state[_TICKET])


@st.dialog("Escalate a ticket", on_dismiss=dialogs.close)
def _form(actor: Actor, ticket: dict[str, Any]) -> None:
    st.markdown(f"**{shown(int(ticket['number']))}** {plain(ticket['subject'])}")
    st.caption(f"{words.PRIORITY[ticket['priority']]} now. The lead of its team is told by mail, if there is one.")
    by = st.radio("How", list(BY), key="escalate_by", format_func=BY.__getitem__)
    reason = st.text_area(
        "Reason", key="escalate_reason", max_chars=actions.MAX_REASON, placeholder="Their whole site is down since nine"
    )
    if st.button("Escalate", key="escalate_submit", type="primary"):
        given = {"reason": reason, "by": by, "version": dialogs.version()}
        run_action(actions.escalate, actor, as_id(ticket["id"]), **given, done=dialogs.closing("Escalated."))

"""What can be done with one ticket in the state it is in."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.support.tickets import actions, rules
from pages.reliability._incidents import declaring
from pages.support._queue import known
from pages.support._ticket import acting, edit
from pages.support._ticket.dialogs import dialogs

_MOVES = {
    "in_progress": ("Start", ":material/play_arrow:", "In progress."),
    "waiting": ("Wait for the customer", ":material/hourglass_top:", "Waiting for the customer; the clocks rest."),
    "closed": ("Close", ":material/lock:", "Closed."),
}  # fmt: skip


def show(actor: Actor, ticket: dict[str, Any]) -> None:
    """The buttons that fit, and the dialog that is open."""
    if not actor.may("tickets:update"):
        return
    with st.container(horizontal=True):
        if ticket["status"] != "closed":
            _owner(actor, ticket)
        if not ticket["merged_into_id"]:
            _states(actor, ticket)
        if ticket["status"] != "closed" and st.button("Edit", key="edit", icon=":material/edit:", shortcut="E"):
            edit.begin(ticket)
        declaring.button(
            actor, kind="ticket", target=str(ticket["id"]), title=ticket["subject"],
            label=f"{ticket['reference']} {ticket['subject']}", started_at=ticket["created_at"],
        )  # fmt: skip
    for name, dialog in {"assign": _assign, "resolve": _resolve, "reopen": _reopen, "edit": edit.dialog}.items():
        if dialogs.is_open(name):
            dialog(actor, ticket)


def _owner(actor: Actor, ticket: dict[str, Any]) -> None:
    is_mine = ticket["assignee_id"] == actor.operator_id
    if not is_mine and st.button("Assign to me", key="assign_me", icon=":material/person_add:"):
        acting.run(actor, ticket, actions.assign, assignee_id=actor.operator_id, done="It is yours now.")
    if st.button("Assign", key="assign", icon=":material/group_add:"):
        dialogs.open_now("assign", acting.base(ticket))


def _states(actor: Actor, ticket: dict[str, Any]) -> None:
    ways = rules.MOVES[ticket["status"]]
    for status, (label, icon, said) in _MOVES.items():
        is_again = status == "in_progress" and ticket["status"] != "open"
        if status in ways and st.button("Go on" if is_again else label, key=f"to_{status}", icon=icon):
            acting.run(actor, ticket, actions.set_status, status=status, done=said)
    if "resolved" in ways and st.button("Resolve", key="resolve", icon=":material/check_circle:", type="primary"):
        dialogs.open_now("resolve", acting.base(ticket))
    if "reopened" in ways and st.button("Reopen", key="reopen", icon=":material/undo:"):
        dialogs.open_now("reopen", acting.base(ticket))


@st.dialog("Assign", on_dismiss=dialogs.close)
def _assign(actor: Actor, ticket: dict[str, Any]) -> None:
    labels = known.colleagues(actor)
    options = [None, *labels]
    chosen = st.selectbox(
        "Assignee", options, options.index(ticket["assignee_id"]) if ticket["assignee_id"] in labels else 0,
        key="assign_choice", format_func=lambda one: labels[one] if one else "Nobody",
    )  # fmt: skip
    if st.button("Assign", type="primary", key="assign_submit"):
        acting.in_dialog(actor, ticket, actions.assign, assignee_id=chosen, done="Assigned.")


@st.dialog("Resolve", width="large", on_dismiss=dialogs.close)
def _resolve(actor: Actor, ticket: dict[str, Any]) -> None:
    st.caption(":material/outgoing_mail: The note goes to the customer, who is then asked how satisfied he is.")
    note = st.text_area(
        "Note to the customer", key="resolve_note", height=160, placeholder="What was wrong, and what was done"
    )
    if st.button("Resolve", type="primary", key="resolve_submit"):
        acting.in_dialog(actor, ticket, actions.resolve, note=note, done="Resolved.")


@st.dialog("Reopen", on_dismiss=dialogs.close)
def _reopen(actor: Actor, ticket: dict[str, Any]) -> None:
    st.caption("Its clocks go on with what has elapsed.")
    reason = st.text_area("Reason", key="reopen_reason", max_chars=500, placeholder="The customer says that it is back")
    if st.button("Reopen", type="primary", key="reopen_submit"):
        acting.in_dialog(actor, ticket, actions.reopen, reason=reason, done="Reopened.")

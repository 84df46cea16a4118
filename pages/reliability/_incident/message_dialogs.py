"""The dialogs about one message: look at it and send it, approve it, edit it, and who got it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Conflict, NotFound
from core.reliability.communication import actions, queries, rules
from pages._parts import paging
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.reliability._incident import message_words as words
from pages.reliability._incident import reaching
from pages.reliability._incident.dialogs import dialogs

CHOSEN = "incident_message_chosen"
_OUTCOMES = {
    "queued": "On its way", "sent": "Sent", "failed": "Failed", "no mail server": "No mail server",
    "no recipient": "Nobody to write to",
}  # fmt: skip


def open_dialog(actor: Actor, incident: dict[str, Any]) -> None:
    """The dialog that is open, on the message that it is about."""
    known: dict[str, Callable[..., None]] = {
        "send": _send, "message_send": _send, "message_approve": _approve, "message_change": _change,
        "message_cancel": _cancel, "message_log": _log,
    }  # fmt: skip
    name = next((name for name in known if dialogs.is_open(name)), None)
    if name is None:
        return
    try:
        message = queries.one(actor, st.session_state[CHOSEN])
    except NotFound:
        dialogs.close()
        return
    known[name](actor, incident, message)


def _preview(actor: Actor, incident: dict[str, Any], message: dict[str, Any]) -> None:
    """What is read, and by how many."""
    with st.container(border=True):
        if message["subject"]:
            st.text(message["subject"])
        st.text(message["body"])
    if message["next_update_minutes"]:
        st.caption(f":material/timer: It promises the next update in {words.span(message['next_update_minutes'])}.")
    if message["components"]:
        names = queries.components(actor)
        told = [
            f"{names.get(key, 'a component')}: {words.COMPONENT[state].lower()}"
            for key, state in message["components"].items()
        ]
        st.caption(f":material/public: From then on {plain(', '.join(told))}.")
    reaching.show(actor, incident, message, key="preview")


@st.dialog("Look and send", width="large", on_dismiss=dialogs.close)
def _send(actor: Actor, incident: dict[str, Any], message: dict[str, Any]) -> None:
    _preview(actor, incident, message)
    if st.button("Send now", key="message_send_submit", type="primary", icon=":material/send:"):
        _run(actor, message, actions.send, done="Sent.")


@st.dialog("Look and approve", width="large", on_dismiss=dialogs.close)
def _approve(actor: Actor, incident: dict[str, Any], message: dict[str, Any]) -> None:
    st.caption(f"Written by {plain(message['written_by_name'])}. Whoever wrote on it cannot approve it.")
    _preview(actor, incident, message)
    with st.container(horizontal=True):
        if st.button("Approve and send", key="message_approve_send", type="primary", icon=":material/send:"):
            _run(actor, message, actions.approve, and_send=True, done="Approved and sent.")
        if st.button("Approve", key="message_approve_submit", icon=":material/how_to_reg:"):
            _run(actor, message, actions.approve, done="Approved.")
    reason = st.text_input("Or give it back, and say why", key="message_reject_reason", max_chars=500)
    if st.button("Give back", key="message_reject_submit", icon=":material/undo:"):
        _run(actor, message, actions.reject, reason=reason, done="Given back.")


@st.dialog("Edit message", width="large", on_dismiss=dialogs.close)
def _change(actor: Actor, incident: dict[str, Any], message: dict[str, Any]) -> None:
    own = f"message_change_{message['id']}"
    if message["status"] == "approved":
        st.caption("It was approved as it is: changed, it waits for approval again.")
    subject = st.text_input("Subject or title", message["subject"], key=f"{own}_subject", max_chars=rules.MAX_SUBJECT)
    body = st.text_area("Text", message["body"], key=f"{own}_body", height=200, max_chars=rules.MAX_BODY)
    spans = list(dict.fromkeys([*words.SPANS, message["next_update_minutes"]]))
    minutes = st.selectbox(
        "Next update in", spans, spans.index(message["next_update_minutes"]), key=f"{own}_next", width=160,
        format_func=words.span,
    )  # fmt: skip
    if st.button("Save", key="message_change_submit", type="primary", icon=":material/save:"):
        _run(actor, message, actions.update, subject=subject, body=body, next_update_minutes=minutes, done="Saved.")


@st.dialog("Cancel message", on_dismiss=dialogs.close)
def _cancel(actor: Actor, incident: dict[str, Any], message: dict[str, Any]) -> None:
    st.write("It is put away and never sent.")
    if st.button("Cancel the message", key="message_cancel_submit", type="primary", icon=":material/cancel:"):
        _run(actor, message, actions.cancel, done="Cancelled.")


def _run(actor: Actor, message: dict[str, Any], action: Callable[..., Any], *, done: str, **values: Any) -> None:
    """On the message as it was when the dialog was opened; a conflict is told once."""
    version = dialogs.version() or message["version"]

    def act(present: Actor, message_id: UUID, **given: Any) -> Any:
        try:
            return action(present, message_id, version=version, **given)
        except Conflict:
            dialogs.rebase(queries.one(present, message_id)["version"])
            raise

    run_action(act, actor, message["id"], done=dialogs.closing(done), **values)


@st.dialog("Who got it", width="large", on_dismiss=dialogs.close)
def _log(actor: Actor, incident: dict[str, Any], message: dict[str, Any]) -> None:
    trail = paging.trail("message_log", str(message["id"]))
    page = queries.deliveries(actor, message["id"], after=paging.after(trail), limit=paging.SIZE)
    if page.frame.empty:
        st.info("Recipients are being found: look again in a moment.", icon=":material/hourglass_top:")
        return
    rows = page.frame[["recipient", "tenant", "outcome", "at", "finished_at", "error"]]
    st.dataframe(
        rows.assign(outcome=[_OUTCOMES[one] for one in rows["outcome"]]), hide_index=True, key="message_log",
        placeholder=UNKNOWN, height="content" if len(rows) < 12 else 440, column_config=_config(str(zone(actor))),
    )  # fmt: skip
    paging.buttons("message_log", trail, len(rows), page.next)


def _config(zone: str) -> dict[str, Any]:
    column = st.column_config
    return {
        "recipient": column.TextColumn("To", width="medium"), "tenant": "Customer", "outcome": "Outcome",
        "at": column.DatetimeColumn("Queued", format="YYYY-MM-DD HH:mm:ss", timezone=zone),
        "finished_at": column.DatetimeColumn("Done", format="YYYY-MM-DD HH:mm:ss", timezone=zone), "error": "Error",
    }  # fmt: skip

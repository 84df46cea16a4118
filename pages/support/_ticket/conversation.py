"""What was said: by the customer, by agents, and among colleagues; and the composer below."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.tickets import queries
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import clock
from pages.support._ticket import composer, files

SHORT = 4_000  # characters of a message that are shown before it is asked for whole
SCROLLS_FROM = 6  # messages
LIMIT = 200
_WHOLE = "ticket_whole"
_KINDS = {
    "customer": ("user", ":material/person:", "Customer", "blue"),
    "agent": ("assistant", ":material/support_agent:", "Reply", "green"),
    "system": ("assistant", ":material/smart_toy:", "Automatic", "gray"),
    "note": ("note", ":material/lock:", "Internal note: only colleagues see this", "orange"),
}  # fmt: skip


def show(actor: Actor, ticket: dict[str, Any]) -> None:
    """The description, the messages, oldest first, and where the next one is written."""
    found = queries.messages(actor, ticket["id"], limit=LIMIT)
    attached = queries.files(actor, ticket["id"])
    with st.container(height=620 if len(found) > SCROLLS_FROM else "content", autoscroll=True, border=False):
        if len(found) == LIMIT:
            st.caption(f"The last {LIMIT} messages.")
        _message(actor, ticket, _description(ticket), attached[attached["message_id"].isna()])
        for row in found.to_dict("records"):
            _message(actor, ticket, row, attached[attached["message_id"] == row["id"]])
    composer.show(actor, ticket)


def _description(ticket: dict[str, Any]) -> dict[Any, Any]:
    """What the ticket was opened with, as the first message."""
    return {
        "id": None, "ticket_id": str(ticket["id"]), "author_kind": "customer", "author_name": ticket["requester_name"],
        "body": ticket["description"], "length": len(ticket["description"]), "is_internal": False,
        "created_at": ticket["created_at"],
    }  # fmt: skip


def _message(actor: Actor, ticket: dict[str, Any], row: dict[Any, Any], attached: pd.DataFrame) -> None:
    """One message, as plain text whatever it holds."""
    speaker, icon, label, colour = _KINDS["note" if row["is_internal"] else row["author_kind"]]
    # A note has a frame, which nothing else has: it is told apart without reading, and in black and white.
    with st.container(border=bool(row["is_internal"])), st.chat_message(speaker, avatar=icon):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{plain(row['author_name'])}**", width="content")
            st.badge(label, color=colour)  # type: ignore[arg-type]  # a colour of the table above
            if row["ticket_id"] != str(ticket["id"]):
                st.badge("From a merged ticket", color="gray", icon=":material/call_merge:")
            st.caption(clock(row["created_at"], zone(actor), now=utc_now()))
        st.text(_text(actor, row))
        files.downloads(actor, attached)


def _text(actor: Actor, row: dict[Any, Any]) -> str:
    """The beginning of a long message, with a button for the rest."""
    key, length, body = row["id"], int(row["length"]), str(row["body"])
    if length <= SHORT:
        return body
    asked: set[Any] = st.session_state.setdefault(_WHOLE, set())
    if key not in asked and st.button(
        f"Show all {length:,} characters", key=f"whole_{key}", type="tertiary", icon=":material/unfold_more:"
    ):
        asked.add(key)
    if key not in asked:
        return f"{body[:SHORT]}…"
    return body if key is None or length == len(body) else queries.body(actor, UUID(key))

"""What a ticket is beside its conversation."""

from datetime import datetime
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, clock
from pages.support import _words as words
from pages.support._ticket import watching


def show(actor: Actor, ticket: dict[str, Any]) -> None:
    """Whose it is, by when, and who asked."""
    now = utc_now()
    with st.container(border=True, gap="xsmall"):
        _row("Assignee", ticket["assignee"] or ticket["assignee_label"] or "Nobody")
        _row("Team", ticket["team"])
        _row("Category", ticket["category"])
        due = words.left(ticket["due_at"], ticket["sla_state"], now)
        _row("Due", f"{_moment(actor, ticket['due_at'])} · {due}" if ticket["due_at"] else due)
        _row("First response", _moment(actor, ticket["first_response_at"]))
        _row("Customer wrote last", _moment(actor, ticket["last_customer_at"]))
        if ticket["resolved_at"]:
            _row("Resolved", _moment(actor, ticket["resolved_at"]))
        if ticket["reopen_count"]:
            _row("Reopened", f"{ticket['reopen_count']} times" if ticket["reopen_count"] > 1 else "once")
    with st.container(border=True, gap="xsmall"):
        _row("Requester", ticket["requester_name"])
        _row("Address", ticket["requester_email"])
        if ticket["external_id"]:
            _row("Id elsewhere", ticket["external_id"])
    watching.show(actor, ticket)


def _row(name: str, value: Any) -> None:
    st.markdown(f":gray[{name}]  \n{plain(value) if value else UNKNOWN}")


def _moment(actor: Actor, moment: datetime | None) -> str:
    return clock(moment, zone(actor), now=utc_now()) if moment else UNKNOWN

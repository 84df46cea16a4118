"""What a ticket is about and how it stands."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import clock
from pages.support import _words as words


def show(actor: Actor, ticket: dict[str, Any]) -> None:
    """Number and subject, state, priority, the time that is left, and whose it is."""
    now = utc_now()
    st.subheader(f"{plain(ticket['reference'])} {plain(ticket['subject'])}", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(words.STATUS[ticket["status"]], color=words.STATUS_COLOURS[ticket["status"]])
        st.badge(words.PRIORITY[ticket["priority"]], color=words.PRIORITY_COLOURS[ticket["priority"]])
        state = words.state_now(ticket["due_at"], ticket["sla_state"], now)
        st.badge(
            words.left(ticket["due_at"], ticket["sla_state"], now),
            icon=":material/timer:",
            color=words.SLA_COLOURS[state],
        )
        for tag in ticket["tags"]:
            st.badge(plain(tag), color="gray", icon=":material/sell:")
        _origin(actor, ticket)
    if ticket["merged_into_id"]:
        st.info(
            "This ticket was merged into another one, where the conversation goes on.", icon=":material/call_merge:"
        )
        st.page_link(
            "support/ticket.py", label="Open the other ticket", icon=":material/arrow_forward:",
            query_params={"id": str(ticket["merged_into_id"])},
        )  # fmt: skip


def _origin(actor: Actor, ticket: dict[str, Any]) -> None:
    """Who asked, of which tenant, when and by which way."""
    asked = clock(ticket["created_at"], zone(actor), now=utc_now())
    way = words.CHANNEL[ticket["channel"]]
    if ticket["tenant"] and actor.may("tenants:read"):
        st.page_link(
            "customers/tenants.py", label=plain(ticket["tenant"]), icon=":material/apartment:",
            query_params={"tenant": str(ticket["tenant_id"])},
        )  # fmt: skip
    elif ticket["tenant"]:
        st.caption(plain(ticket["tenant"]))
    st.caption(f"{plain(ticket['requester_name'])} · {way} · {asked}")

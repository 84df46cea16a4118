"""Whom a message would reach, counted now, and who they are as far as the viewer may see them."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.communication import audience
from pages._parts.moments import UNKNOWN
from pages.reliability._incident import message_words as words

_KNOWN = ("channel", "audience", "tenant_ids", "channel_ids")
_COLUMNS = {
    "tenant": "Customer", "tier": "Plan", "recipients": "Administrators", "channel": "Channel", "target": "Reaches",
    "is_enabled": "Enabled", "name": "Colleague",
}  # fmt: skip


def show(actor: Actor, incident: dict[str, Any], message: dict[str, Any], *, key: str = "reach") -> None:
    """The count, and behind it the list."""
    given = {name: message[name] for name in _KNOWN if name in message}
    found = audience.reach(actor, incident["id"], **given)
    told = words.reach(message["channel"], message["audience"], found)
    if found.listed.empty:
        st.caption(f":material/groups: {told}")
        return
    with st.expander(told, icon=":material/groups:", key=f"{key}_expander"):
        if len(found.listed) < found.tenants:
            st.caption(
                f"{len(found.listed):,} of them are listed here: those that you may see, at most {audience.SHOWN}."
            )
        st.dataframe(
            found.listed, hide_index=True, key=f"{key}_list", placeholder=UNKNOWN, column_config=_COLUMNS,
            height="content" if len(found.listed) < 8 else 290,
        )  # fmt: skip

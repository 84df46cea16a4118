"""Choosing one endpoint among many. The choice is in the address, so that it can be sent to a colleague."""

from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.reads import as_id
from core.platform.webhooks import queries

_MOST = 200
PARAMETER = "endpoint"


def endpoint(actor: Actor, *, placeholder: str, key: str, in_address: bool = True, width: int = 320) -> UUID | None:
    """The chosen endpoint, or None. Above 200 of them, a text narrows what is offered."""
    labels = _offered(actor, key)
    chosen = str(as_id(st.query_params.get(PARAMETER, "")) or "")
    if chosen and chosen not in labels:
        labels |= _one(actor, chosen)
    place = list(labels).index(chosen) if chosen in labels else None
    picked = st.selectbox(
        "Webhook", list(labels), place, format_func=lambda one: labels.get(one, one), key=key, placeholder=placeholder,
        on_change=_remember if in_address else "rerun", args=(key,) if in_address else None, width=width,
    )  # fmt: skip
    return UUID(picked) if picked else None


def _remember(key: str) -> None:
    picked = st.session_state.get(key)
    if picked:
        st.query_params[PARAMETER] = picked
    else:
        st.query_params.pop(PARAMETER, None)


def _offered(actor: Actor, key: str) -> dict[str, str]:
    found = queries.names(actor, limit=_MOST)
    if len(found) == _MOST:
        text = st.text_input("Find a webhook", key=f"{key}_text", placeholder="Start of its name or host", width=220)
        found = queries.names(actor, text, limit=_MOST)
    return {row["id"]: f"{row['name']} · {row['url']}" for row in found.to_dict("records")}


def _one(actor: Actor, key: str) -> dict[str, str]:
    try:
        webhook = queries.one(actor, UUID(key))
    except NotFound:
        return {}
    return {key: f"{webhook['name']} · {webhook['url']}"}

"""One key: what it is, how much it is used, what can be done with it, what was done."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from core.platform.keys import queries, rules
from pages._parts.frame import zone
from pages._parts.moments import ago
from pages.platform._keys import acts, history, texts, usage


def show(actor: Actor, key_id: str) -> None:
    """The key with that id, or a sentence when there is none in sight."""
    if st.button("All keys", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["key_id"]
        st.rerun()
    try:
        key = queries.one(actor, UUID(key_id))
    except (ValueError, NotFound):
        st.warning("This key does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(texts.plain(key["name"]), anchor=False, width="content")
        st.badge(key["status"].capitalize(), color=texts.COLOURS[key["status"]])
        for flag in key["flags"]:
            st.badge(flag.capitalize(), color="orange", help=rules.FLAGS[flag])
    _notes(actor, key)
    _facts(actor, key)
    acts.show(actor, key)
    usage.show(actor, key)
    if actor.may("audit:read"):
        history.show(actor, key)


def _notes(actor: Actor, key: dict[str, Any]) -> None:
    if key["status"] == "revoked":
        st.error(f"Revoked: {texts.plain(key['revocation_reason'])}", icon=":material/block:")
    overlap = key["previous_expires_at"]
    if key["status"] == "active" and overlap is not None and overlap > utc_now():
        told = texts.until(overlap, zone(actor))
        st.info(f"Rotated: the secret before it counts until {told}. {_still(key)}", icon=":material/autorenew:")


def _still(key: dict[str, Any]) -> str:
    """Whether somebody still calls with the secret that will stop."""
    used = key["previous_used_at"]
    if used is None or used < key["rotated_at"]:
        return "Nobody has used it since."
    return f"It was last used {ago(utc_now() - used)}."


def _facts(actor: Actor, key: dict[str, Any]) -> None:
    expires = key["expires_at"]
    facts = {
        "Key": texts.masked(key), "Bound to": texts.owner(key), "Last used": texts.used(key, utc_now()),
        "Expires": texts.until(expires, zone(actor)), "Calls a minute": f"{key['rate_limit_per_minute']:,}",
        "Scopes": texts.listed(key["scopes"]), "Allowed addresses": texts.listed(key["allowed_networks"], "Anywhere"),
        "Created": f"{texts.until(key['created_at'], zone(actor))} by {key['created_by_name']}",
    }  # fmt: skip
    told = {"What": list(facts), "Value": [texts.plain(value) for value in facts.values()]}
    st.table(told, border="horizontal", hide_index=True, hide_header=True)

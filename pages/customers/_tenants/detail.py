"""One tenant: what it is, what can be done with it, what was done."""

from typing import Any, Literal
from uuid import UUID

import streamlit as st

from core.customers.tenants import queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from pages.customers._tenants import acts, assigned, flags, history

_COLOURS: dict[str, Literal["green", "blue", "orange", "gray"]] = {
    "active": "green", "trial": "blue", "suspended": "orange", "deleted": "gray",
}  # fmt: skip


def show(actor: Actor, key: str) -> None:
    """The tenant with that id, or a sentence when there is none in sight."""
    if st.button("All tenants", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["tenant"]
        st.rerun()
    try:
        tenant = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This tenant does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(tenant["name"], anchor=False)
        st.badge(tenant["status"].capitalize(), color=_COLOURS[tenant["status"]])
    if tenant["status"] == "suspended":
        st.warning(f"Suspended: {tenant['suspension_reason']}", icon=":material/pause_circle:")
    _facts(tenant)
    if actor.may("tenants:update"):
        acts.show(actor, tenant)
    if actor.may("assignments:read"):
        assigned.show(actor, tenant)
    if actor.may("flags:read"):
        flags.show(actor, tenant)
    history.notices(actor, tenant)
    if actor.may("audit:read"):
        history.entries(actor, tenant)


def _facts(tenant: dict[str, Any]) -> None:
    with st.container(horizontal=True):
        st.metric("Plan", tenant["tier"].capitalize(), border=True)
        st.metric("Region", tenant["region"], border=True)
        st.metric("Seats", f"{tenant['seats']:,}", border=True)
        st.metric("Domain", tenant["domain"], border=True)

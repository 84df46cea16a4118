"""Whose endpoint a new one is: the platform's, or one tenant's."""

from uuid import UUID

import streamlit as st

from core.customers.tenants import queries as tenants
from core.kernel.actor import Actor

_PLATFORM, _TENANT = "The platform", "One tenant"


def ask(actor: Actor) -> tuple[bool, UUID | None]:
    """Whether it is of a tenant, and of which; None while none is chosen."""
    offered = [_PLATFORM] if actor.scope == "all" else []
    offered += [_TENANT] if actor.may("tenants:read") else []
    kind = st.segmented_control("For", offered, default=offered[0] if offered else None, key="new_owner", required=True)
    if kind != _TENANT:
        st.caption("It hears the events of all tenants and of the portal itself.")
        return False, None
    text = st.text_input("Find the tenant", key="new_tenant_text", placeholder="Start of its name or domain, or its id")
    found = tenants.search(actor, text, limit=20)
    labels = {row["id"]: f"{row['name']} ({row['domain']})" for row in found.to_dict("records")}
    if text.strip() and not labels:
        st.warning("No tenant in your sight matches.", icon=":material/search_off:")
    chosen = st.selectbox(
        "Tenant", list(labels), 0 if len(labels) == 1 else None, format_func=lambda one: labels.get(one, one),
        key=f"new_tenant_{text}", placeholder="Choose one of those found", disabled=not labels,
    )  # fmt: skip
    return True, UUID(chosen) if chosen else None

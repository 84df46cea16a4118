"""The contracts of one tenant."""

from typing import Any

import streamlit as st

from core.customers.contracts import queries
from core.kernel.actor import Actor
from pages.customers._contracts import creating, grid
from pages.customers._contracts.dialogs import dialogs


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """One row per contract; a click opens it. Needs contracts:read."""
    found = queries.of_tenant(actor, tenant["id"])
    is_living = tenant["status"] not in ("deleted", "purged")
    if is_living and actor.may("contracts:create") and st.button("Create", key="create", icon=":material/add:"):
        dialogs.open_now("create")
    if dialogs.is_open("create"):
        creating.show(actor, tenant["id"])
    if found.empty:
        st.info("The tenant has no contract; what it pays is its subscription's.", icon=":material/inbox:")
        return
    chosen = grid.show(found, key="tenant_contracts", with_tenant=False)
    if chosen:
        st.switch_page("customers/contracts.py", query_params={"contract": chosen})

"""What counts for the tenant, and where it comes from."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from pages.customers._configuration import inspector


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """The inspector for this one."""
    with st.container(horizontal=True):
        st.page_link(
            "customers/configuration.py", label="Compare with another tenant", icon=":material/compare_arrows:",
            query_params={"view": "Compare", "tenant": str(tenant["id"])},
        )  # fmt: skip
    inspector.panel(actor, tenant["id"])

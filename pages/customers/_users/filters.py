"""What narrows a list of people; it lives in the address."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.customers.users import masking
from core.customers.users.queries import SORTS, Filters
from core.customers.users.rules import INVITATIONS
from core.kernel.actor import Actor

STATES: dict[str, bool] = {"active": True, "deactivated": False}


def choose(actor: Actor, *, prefix: str = "", tenant_id: UUID | None = None) -> tuple[Filters, str]:
    """The filters and the order as they are set; `prefix` keeps the parameters of a tab apart from those of others."""
    hint = "Name, address, tenant or id" if tenant_id is None else "Name, address or id"
    if not masking.sees(actor):
        hint = "Whole address, tenant or id" if tenant_id is None else "Whole address or id"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key=f"{prefix}text", bind="query-params", placeholder=hint, icon=":material/search:"
        )
        state = st.selectbox(
            "Status",
            list(STATES),
            None,
            key=f"{prefix}status",
            bind="query-params",
            format_func=str.capitalize,
            placeholder="Any",
        )
        invitations = st.multiselect(
            "Invitation",
            INVITATIONS,
            key=f"{prefix}invitation",
            bind="query-params",
            format_func=str.capitalize,
            placeholder="Any",
        )
        sort = st.selectbox(
            "Sort by", list(SORTS), key=f"{prefix}sort", bind="query-params", format_func=str.capitalize, width=150
        )
        only_admins = st.toggle("Administrators only", key=f"{prefix}admins", bind="query-params")
    is_active = None if state is None else STATES[state]
    return Filters(text, tenant_id, only_admins or None, is_active, tuple(invitations)), sort


def told(filters: Filters) -> dict[str, Any]:
    """For the audit of an export."""
    return {
        "text": filters.text.strip(), "tenant_id": filters.tenant_id, "is_admin": filters.is_admin,
        "is_active": filters.is_active, "invitation": filters.invitations,
    }  # fmt: skip

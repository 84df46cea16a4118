"""The people of one tenant, and how many of its seats they take."""

from typing import Any

import streamlit as st

from core.customers.users import queries
from core.customers.users.queries import Counts
from core.kernel.actor import Actor
from pages.customers._users import filters, listed


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """Seats, filters, the list."""
    _seats(tenant, queries.counts(actor, tenant["id"]))
    chosen, sort = filters.choose(actor, prefix="user_", tenant_id=tenant["id"])
    with st.container(horizontal=True, horizontal_alignment="right"):
        listed.export(actor, chosen, key="tenant_users")
    listed.show(actor, chosen, sort=sort, key="tenant_users")


def _seats(tenant: dict[str, Any], counts: Counts) -> None:
    used, seats = counts.active, int(tenant["seats"])
    with st.container(horizontal=True):
        st.metric(
            "Seats used",
            f"{used:,} of {seats:,}",
            border=True,
            help=f"Active people; the plan is {tenant['tier'].capitalize()}.",
        )
        st.metric("Deactivated", f"{counts.deactivated:,}", border=True)
        st.metric("Administrators", f"{counts.admins:,}", border=True, help="Active ones; they receive the notices.")
        st.metric("Invited", f"{counts.invited:,}", border=True, help="Their invitation waits and has not expired.")
    if used > seats:
        st.warning(
            f"{used - seats:,} more people are active than the plan has seats. Nobody more can be activated.",
            icon=":material/group_off:",
        )
    elif used == seats:
        st.info("All seats are taken. Nobody more can be activated until one becomes free.", icon=":material/group:")

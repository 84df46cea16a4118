"""A list of people with its export, choice and acts: the same across tenants and in one."""

from functools import partial

import streamlit as st

from core.customers.users import masking, queries
from core.customers.users.queries import Filters
from core.kernel.actor import Actor
from pages._parts import exporting, paging
from pages.customers._users import acts, grid, outcomes
from pages.customers._users.filters import told


def export(actor: Actor, filters: Filters, *, key: str) -> None:
    """The button that takes these people out as a file."""
    exporting.button(
        actor, "users", partial(queries.export, filters=filters), filters=told(filters), tenant_id=filters.tenant_id,
        key=f"{key}_export",
    )  # fmt: skip


def show(actor: Actor, filters: Filters, *, sort: str, key: str) -> None:
    """The page of people that the filters, the order and the way through the pages lead to."""
    if not masking.sees(actor):
        st.caption(":material/visibility_off: Names and addresses are masked: your role does not include users:pii.")
    way = paging.trail(key, (filters, sort))
    page = queries.directory(actor, filters, sort=sort, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        is_narrowed = filters != Filters(tenant_id=filters.tenant_id)
        st.info(
            "Nobody matches. Clear a filter, or search for something else."
            if is_narrowed
            else "There are no people yet.",
            icon=":material/inbox:",
        )
        outcomes.show(key)
        return
    place = f"{key}_{outcomes.turn(key)}_{len(way)}_{hash((filters, sort))}"
    chosen = grid.show(actor, page.frame, key=place, has_tenant=filters.tenant_id is None)
    acts.show(actor, chosen, key=key)
    paging.buttons(key, way, len(page.frame), page.next)

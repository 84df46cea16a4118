"""Tenants: the directory, editing in the grid, one tenant with its actions and history."""

import streamlit as st

from core.customers.tenants import queries, rules
from core.customers.tenants.queries import Filters
from pages._parts.frame import begin_page
from pages.customers._tenants import create, detail, grid

PAGE_SIZE = 50

actor = begin_page("customers/tenants")
opened = st.query_params.get("tenant")
if opened:
    detail.show(actor, opened)
    st.stop()

with st.container(horizontal=True, vertical_alignment="bottom"):
    text = st.text_input(
        "Search", key="text", bind="query-params", placeholder="Name, domain or id", icon=":material/search:"
    )
    statuses = st.multiselect("Status", rules.STATUSES, key="status", bind="query-params", format_func=str.capitalize)
    tiers = st.multiselect("Plan", rules.TIERS, key="tier", bind="query-params", format_func=str.capitalize)
    regions = st.multiselect("Region", rules.REGIONS, key="region", bind="query-params")
    if actor.may("tenants:create"):
        create.button(actor)

filters = Filters(text, tuple(statuses), tuple(tiers), tuple(regions))
trail: list[str] = st.session_state.setdefault("tenants_trail", [])
if st.session_state.get("tenants_filters") != filters:
    st.session_state["tenants_filters"] = filters
    trail.clear()

page = queries.directory(actor, filters, after=trail[-1] if trail else None, limit=PAGE_SIZE)
if page.frame.empty:
    message = "No tenant matches. Clear a filter, or search for something else."
    st.info(
        message if filters != Filters() else "There are no tenants yet. Create the first one.", icon=":material/inbox:"
    )
    st.stop()

grid.show(actor, page.frame)

first = len(trail) * PAGE_SIZE + 1
with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center"):
    st.caption(f"{first:,} to {first + len(page.frame) - 1:,} of {queries.count(actor, filters):,}")
    if st.button("Previous", key="previous", icon=":material/chevron_left:", disabled=not trail):
        trail.pop()
        st.rerun()
    if st.button("Next", key="next", icon=":material/chevron_right:", disabled=page.next is None):
        trail.append(str(page.next))
        st.rerun()

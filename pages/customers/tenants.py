"""Tenants: the directory, editing in the grid, one tenant with its actions and history."""

import streamlit as st

from core.customers.tenants import queries, rules
from core.customers.tenants.queries import Filters
from pages._parts import paging
from pages._parts.frame import begin_page
from pages.customers._tenants import create, detail, grid

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
way = paging.trail("tenants", filters)
page = queries.directory(actor, filters, after=paging.after(way), limit=paging.SIZE)
if page.frame.empty:
    message = "No tenant matches. Clear a filter, or search for something else."
    st.info(
        message if filters != Filters() else "There are no tenants yet. Create the first one.", icon=":material/inbox:"
    )
    st.stop()

grid.show(actor, page.frame)

paging.buttons("tenants", way, len(page.frame), page.next, lambda: queries.count(actor, filters))

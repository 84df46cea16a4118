"""Configuration: what counts for a tenant and why, two tenants compared, all overrides, and requests to decide."""

import streamlit as st

from core.customers.configuration import queries
from pages._parts import views
from pages._parts.frame import begin_page
from pages.customers._configuration import compare, inspector, overrides, requests

VIEWS = {"Inspect": inspector.show, "Compare": compare.show, "Overrides": overrides.show, "Requests": requests.show}

actor = begin_page("customers/configuration")
with st.container(horizontal=True, vertical_alignment="center"):
    views.bar(actor, "customers/configuration", ignore=("request", "setting"))
    view = st.segmented_control(
        "View",
        list(VIEWS),
        default="Inspect",
        key="view",
        bind="query-params",
        label_visibility="collapsed",
        required=True,
    )
    waiting = queries.waiting(actor)
    if waiting:
        st.badge(f"{waiting:,} to decide", icon=":material/rate_review:", color="orange")
VIEWS[view](actor)

"""Quotas: who is near a limit or over it, larger plans to decide on, and overrides that end."""

import streamlit as st

from core.customers.quotas import queries
from pages._parts import views
from pages._parts.frame import begin_page
from pages.customers._quotas import ending, near, upgrades

VIEWS = {"Near a limit": near.show, "Larger plans": upgrades.show, "Overrides that end": ending.show}

actor = begin_page("customers/quotas")
with st.container(horizontal=True, vertical_alignment="center"):
    views.bar(actor, "customers/quotas")
    view = st.segmented_control(
        "View", list(VIEWS), default="Near a limit", key="view", bind="query-params", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    waiting = queries.waiting(actor) if actor.may("quotas:approve") else 0
    if waiting:
        st.badge(f"{waiting:,} to decide", icon=":material/rate_review:", color="orange")
VIEWS[view](actor)

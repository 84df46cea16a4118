"""Agents: who has how much to do, who is available, and how the backlog goes on."""

import streamlit as st

from pages._parts import views
from pages._parts.frame import begin_page
from pages.support._agents import backlog, load

KEY = "support/agents"
VIEWS = {"Load": load.show, "Backlog": backlog.show}

actor = begin_page(KEY)
with st.container(horizontal=True, vertical_alignment="center"):
    views.bar(actor, KEY)
    view = st.segmented_control(
        "View", list(VIEWS), default="Load", key="view", bind="query-params", label_visibility="collapsed", required=True
    )  # fmt: skip
VIEWS[view](actor)

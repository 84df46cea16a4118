"""On-call: who is on call now and later, whom incidents call, and pages that nobody has acknowledged."""

import streamlit as st

from pages._parts import views
from pages._parts.frame import begin_page
from pages.reliability._on_call import issued, log, now, policies, schedules, timeline

KEY = "reliability/on_call"
VIEWS = {
    "Now": now.show, "Timeline": timeline.show, "Schedules": schedules.show, "Policies": policies.show, "Pages": log.show,
}  # fmt: skip

actor = begin_page(KEY)
issued.show()
with st.container(horizontal=True, vertical_alignment="center"):
    views.bar(actor, KEY)
    view = st.segmented_control(
        "View", list(VIEWS), default="Now", key="view", bind="query-params", label_visibility="collapsed", required=True
    )  # fmt: skip
VIEWS[view](actor)

"""Jobs: what runs on a schedule, what waits, what failed, and the processes that do the work."""

import streamlit as st

from pages._parts.frame import begin_page
from pages.platform._jobs import detail, overview, queue

VIEWS = {"Jobs": overview.jobs, "Queue": queue.waiting, "Failed": queue.failed, "Processes": overview.processes}

actor = begin_page("platform/jobs")
opened = st.query_params.get("job")
if opened:
    detail.show(actor, opened)
    st.stop()

overview.state(actor)
view = st.segmented_control(
    "View", list(VIEWS), default="Jobs", key="view", bind="query-params", label_visibility="collapsed", required=True
)
VIEWS[view](actor)

"""Feature flags: the list, one flag with its targeting, proposals, segments, adoption, stale flags, evaluation."""

import streamlit as st

from core.platform.flags import queries
from pages._parts.frame import begin_page
from pages.platform._flags import adoption, directory, evaluate, flag, review, segments, stale
from pages.platform._flags.environment import choice

WITH_ENVIRONMENT = ("Flags", "Adoption", "Stale", "Evaluate")
VIEWS = {
    "Flags": directory.show, "Review": review.show, "Segments": segments.show, "Adoption": adoption.show, "Stale": stale.show,
    "Evaluate": evaluate.show,
}  # fmt: skip

actor = begin_page("platform/flags")
opened = st.query_params.get("flag")
if opened:
    flag.show(actor, opened)
    st.stop()

with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        view = st.segmented_control(
            "View", list(VIEWS), default="Flags", key="view", bind="query-params", label_visibility="collapsed",
            required=True,
        )  # fmt: skip
        waiting = queries.waiting(actor)
        if waiting:
            st.badge(f"{waiting:,} to review", icon=":material/rate_review:", color="orange")
    environment = choice() if view in WITH_ENVIRONMENT else "production"
VIEWS[view](actor, environment)

"""Monitors: what is watched, how it is and was, and when it is in maintenance."""

import streamlit as st

from pages._parts.frame import begin_page
from pages.health._monitors import detail, listing, push, windows

MONITORS, MAINTENANCE = "Monitors", "Maintenance"

actor = begin_page("health/monitors")
push.show()
opened = st.query_params.get("monitor")
if opened:
    detail.show(actor, opened)
    st.stop()

view = st.segmented_control(
    "View", [MONITORS, MAINTENANCE], default=MONITORS, key="view", bind="query-params", required=True,
    label_visibility="collapsed",
)  # fmt: skip
if view == MAINTENANCE:
    windows.show(actor)
else:
    listing.show(actor)

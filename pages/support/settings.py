"""SLA settings: business calendars, policies, what an edit would change, the replay of a past period, and who answers."""

import streamlit as st

from pages._parts.frame import begin_page
from pages.support._settings import calendars, policies, replay, teams

actor = begin_page("support/settings")
PARTS = {"calendars": "Calendars", "policies": "Policies", "replay": "Replay", "teams": "Teams and agents"}
part = st.segmented_control(
    "Settings", list(PARTS), default="calendars", key="part", bind="query-params", required=True,
    format_func=PARTS.__getitem__, label_visibility="collapsed",
)  # fmt: skip
{"calendars": calendars, "policies": policies, "replay": replay, "teams": teams}[part].show(actor)

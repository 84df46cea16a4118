"""Escalations: what is overdue, what is grave and nobody's, what missed its target; and escalating at once."""

import streamlit as st

from core.support.breaches import queries
from pages._parts import views
from pages._parts.frame import begin_page
from pages.support._escalations import escalate, missed, overdue, unassigned

KEY = "support/escalations"
VIEWS = {"Overdue": overdue.show, "Unassigned": unassigned.show, "Missed": missed.show}
LABELS = {"overdue": "Overdue now", "unassigned": "Urgent or high, nobody's", "breaches": "Targets missed today (UTC)"}

actor = begin_page(KEY)
counts = queries.counts(actor)
with st.container(horizontal=True):
    for name, label in LABELS.items():
        more = " or more" if counts[name] >= queries.MOST else ""
        st.metric(label, f"{counts[name]:,}{more}", border=True)
with st.container(horizontal=True, vertical_alignment="center"):
    views.bar(actor, KEY)
    view = st.segmented_control(
        "View", list(VIEWS), default="Overdue", key="view", bind="query-params", label_visibility="collapsed", required=True
    )  # fmt: skip
VIEWS[view](actor)
escalate.dialog(actor)

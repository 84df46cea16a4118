"""Growth: recurring revenue at any month's end, what moved it, who stayed, and the tenants behind each figure."""

import streamlit as st

from core.customers.growth import queries
from pages._parts import views
from pages._parts.frame import begin_page
from pages.customers._growth import bar, behind, breakdown, cohorts, figures, movements, retention, trials
from pages.customers._growth.bar import BEHIND

PANELS = {
    "Movements": movements.show, "Retention": retention.show, "Cohorts": cohorts.show, "Breakdown": breakdown.show,
    "Trials": trials.show,
}  # fmt: skip

actor = begin_page("customers/growth")
with st.container(horizontal=True, horizontal_alignment="right"):
    views.bar(actor, "customers/growth", ignore=BEHIND)
    place = st.empty()
if actor.scope != "all":
    st.caption(
        ":material/visibility: You see the tenants that are assigned to you, and all figures are of these alone."
    )
extents = queries.extents(actor)
if not extents:
    st.info(
        "Nothing was ever paid for by the tenants you see. The first paid subscription appears here.",
        icon=":material/inbox:",
    )
    st.stop()
chosen = bar.choose(extents)
course = queries.course(actor, chosen.filters, count=chosen.count)
figures.show(course, chosen)
view = st.segmented_control(
    "View",
    list(PANELS),
    default="Movements",
    key="view",
    bind="query-params",
    label_visibility="collapsed",
    required=True,
)
PANELS[view](actor, chosen, course, place)
if view != "Movements":  # there they stand right below the bars
    behind.show(actor, chosen)

"""API metrics: how much is asked, how much of it fails, how long it takes, and whom it hits."""

import streamlit as st

from core.health.requests import figures
from core.health.requests.filters import Filters
from pages._parts import time_range
from pages._parts.frame import begin_page
from pages.health._requests import bar, courses, routes, samples, summary, tenants

actor = begin_page("health/requests")
span = time_range.choose(actor)
filters = bar.choose(actor, span)
report = figures.report(actor, filters, span.since, span.until)
summary.as_of(actor, report)
if not report.now.requests:
    message = "No request matches in this time. Clear a filter, or choose a longer time."
    none = "No request was recorded in this time. Pages and API count by themselves; services send theirs to the API."
    st.info(message if filters != Filters() else none, icon=":material/inbox:")
    st.stop()

summary.show(report)
courses.show(actor, report)
courses.statuses(actor, filters, span)
if not filters.route:
    routes.show(actor, filters, span)
if filters.tenant_id is None:
    tenants.show(actor, filters, span)
if filters.route:
    samples.show(actor, filters, span)

"""Metrics: what services report of themselves, found by name, service and labels."""

import streamlit as st

from core.health.metrics import queries
from pages._parts import paging, time_range
from pages._parts.frame import begin_page
from pages.health._metrics import bar, detail, listing

actor = begin_page("health/metrics")
span = time_range.choose(actor)
opened = st.query_params.get("series")
if opened:
    detail.show(actor, opened, span)
    st.stop()

filters = bar.choose(actor)
way = paging.trail("metrics", filters)
page = queries.directory(actor, filters, after=paging.after(way), limit=listing.SIZE)
if page.frame.empty:
    message = "No series matches. Clear a filter, or search for the beginning of a name."
    none = "No service has reported a metric yet. Let an OpenTelemetry exporter send to /api/otlp, or post to /api/v1/events."
    st.info(message if filters != queries.Filters() else none, icon=":material/inbox:")
    st.stop()

listing.show(actor, page.frame, span)
paging.buttons("metrics", way, len(page.frame), page.next, size=listing.SIZE)

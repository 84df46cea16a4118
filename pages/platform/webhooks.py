"""Webhooks: endpoints and their health, every delivery, the catalogue of events, a tester, a signature playground."""

import streamlit as st

from pages._parts.frame import begin_page
from pages.platform._webhooks import (
    create,
    deliveries,
    detail,
    events,
    listing,
    one_delivery,
    playground,
    secrets,
    tester,
)

VIEWS = {
    "Endpoints": listing.show,
    "Deliveries": deliveries.show,
    "Events": events.show,
    "Tester": tester.show,
    "Signatures": playground.show,
}

actor = begin_page("platform/webhooks")
if not secrets.show():
    create.show(actor)

if st.query_params.pop("show", None) == "trouble":
    listing.turn_to_trouble()
opened = st.query_params.get("delivery")
if opened:
    one_delivery.show(actor, opened)
    st.stop()
opened = st.query_params.get("webhook")
if opened:
    detail.show(actor, opened)
    st.stop()

view = st.segmented_control(
    "View",
    list(VIEWS),
    default="Endpoints",
    key="view",
    bind="query-params",
    label_visibility="collapsed",
    required=True,
)
VIEWS[view](actor)

"""Errors: what nobody expected, by what caused it; one cause in detail; and all that is known of one request."""

import streamlit as st

from pages._parts.frame import begin_page
from pages.health._errors import detail, listing, trace

actor = begin_page("health/errors")
request_id, fingerprint = st.query_params.get("request"), st.query_params.get("fingerprint")
if request_id is not None:
    trace.show(actor, request_id)
elif fingerprint:
    detail.show(actor, fingerprint)
else:
    listing.show(actor)

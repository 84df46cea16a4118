"""Violations: what fell short of contracts, what proves it, and what is not to count."""

import streamlit as st

from pages._parts.frame import begin_page
from pages.reliability._violations import detail, listed

actor = begin_page("reliability/violations")
opened = st.query_params.get("violation")
if opened:
    detail.show(actor, opened)
else:
    listed.show(actor)

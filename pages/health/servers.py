"""Servers: every host's figures, and one host in detail."""

import streamlit as st

from pages._parts.frame import begin_page
from pages.health._servers import detail, listing

actor = begin_page("health/servers")
opened = st.query_params.get("server")
if opened:
    detail.show(actor, opened)
else:
    listing.show(actor)

"""API explorer: every operation of the API, tried out with a session or a key, and written as curl and Python."""

import streamlit as st

from core.platform.explorer.operations import operations
from pages._parts.frame import begin_page
from pages.platform._explorer import detail, document, listing

actor = begin_page("platform/explorer")
told = document.load()
if told is None:
    st.error("The API of this portal does not answer, so there is nothing to explore.", icon=":material/cloud_off:")
    if st.button("Try again", key="again", icon=":material/refresh:"):
        document.forget()
        st.rerun()
    st.stop()

found = operations(told)
opened = st.query_params.get("operation")
if opened:
    detail.show(actor, found, opened)
else:
    listing.show(found)

"""Providers: who carries messages, how well, at what price, who follows whom, and switching them."""

import streamlit as st

from pages._parts import time_range
from pages._parts.frame import begin_page
from pages.health._providers import detail, listing, orders
from pages.health._providers.dialogs import add, dialogs

actor = begin_page("health/providers")
span = time_range.choose(actor)
opened, channel = st.query_params.get("provider"), st.query_params.get("channel", "")
if opened:
    detail.show(actor, opened, channel, span)
    st.stop()

if actor.may("providers:create"):
    if st.button("Add provider", key="add", type="primary", icon=":material/add:"):
        dialogs.open_now("add")
    if dialogs.is_open("add"):
        add(actor, "", "")
frame = listing.read(actor, span)
if frame.empty:
    st.info(
        "No provider is configured, and no message was reported in this time. Add the first one; services report their "
        "messages to the API.", icon=":material/inbox:",
    )  # fmt: skip
    st.stop()
listing.show(actor, frame, span)
orders.show(actor, frame)

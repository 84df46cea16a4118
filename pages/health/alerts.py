"""Alerts: the inbox, the rules that open them, silences, and whom they reach."""

import streamlit as st

from pages._parts.frame import begin_page
from pages.health._alerts import alert, channels, inbox, rule, rules, silences

VIEWS = {"Inbox": inbox.show, "Rules": rules.show, "Silences": silences.show, "Channels": channels.show}

actor = begin_page("health/alerts")
opened = st.query_params.get("alert")
if opened:
    alert.show(actor, opened)
    st.stop()
opened = st.query_params.get("rule")
if opened:
    rule.show(actor, opened)
    st.stop()
view = st.segmented_control(
    "View", list(VIEWS), default="Inbox", key="tab", bind="query-params", label_visibility="collapsed", required=True
)
VIEWS[view](actor)

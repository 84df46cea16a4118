"""Dedicated infrastructure: records, what is to be done for them, and violations of the residency rule."""

import streamlit as st

from pages._parts import views
from pages._parts.frame import begin_page
from pages.customers._infrastructure import acts, detail, due, records, violations
from pages.customers._infrastructure.dialogs import dialogs

_VIEWS = {"Records": records.show, "Open steps": due.show, "Violations": violations.show}

actor = begin_page("customers/infrastructure")
opened = st.query_params.get("record")
if opened:
    detail.show(actor, opened)
    st.stop()

views.bar(actor, "customers/infrastructure", ignore=("record",))
view = st.segmented_control(
    "View",
    list(_VIEWS),
    default="Records",
    key="view",
    bind="query-params",
    label_visibility="collapsed",
    required=True,
)
_VIEWS[view](actor)
if dialogs.is_open("request") and actor.may("infrastructure:create"):
    acts.request(actor)

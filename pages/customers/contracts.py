"""Contracts: what was agreed with whom, what is to be renewed, and the tasks on the way."""

import streamlit as st

from pages._parts import views
from pages._parts.frame import begin_page
from pages.customers._contracts import creating, detail, listed, renewing, summary, tasks
from pages.customers._contracts.dialogs import dialogs

_VIEWS = {"Contracts": listed.show, "Renewals": renewing.show, "Tasks": tasks.show}

actor = begin_page("customers/contracts")
opened = st.query_params.get("contract")
if opened:
    detail.show(actor, opened)
    st.stop()

views.bar(actor, "customers/contracts", ignore=("contract", "part"))
summary.show(actor)
view = st.segmented_control(
    "View",
    list(_VIEWS),
    default="Contracts",
    key="view",
    bind="query-params",
    label_visibility="collapsed",
    required=True,
)
_VIEWS[view](actor)
if dialogs.is_open("create") and actor.may("contracts:create"):
    creating.show(actor)

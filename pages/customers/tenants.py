"""Tenants: the directory, and one tenant where the address names it."""

import streamlit as st

from pages._parts.frame import begin_page
from pages.customers._directory import page as directory
from pages.customers._tenant import page as tenant

actor = begin_page("customers/tenants")
opened = st.query_params.get("tenant")
if opened:
    tenant.show(actor, opened)
else:
    directory.show(actor)

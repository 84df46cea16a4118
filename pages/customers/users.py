"""Users: the tenants' people, found across all tenants in sight; deactivate, activate, invite, name owner and administrators."""

import streamlit as st

from pages._parts import views
from pages._parts.frame import begin_page
from pages.customers._users import filters, listed

actor = begin_page("customers/users")
with st.container(horizontal=True, horizontal_alignment="right"):
    views.bar(actor, "customers/users")
    place = st.empty()
chosen, sort = filters.choose(actor)
with place.container():
    listed.export(actor, chosen, key="users")
listed.show(actor, chosen, sort=sort, key="users")

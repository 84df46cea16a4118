"""The form for a new tenant."""

import streamlit as st

from core.customers.tenants import actions, rules
from core.kernel.actor import Actor
from pages._parts.frame import run_action


def button(actor: Actor) -> None:
    """The button that opens the form."""
    if st.button("Create tenant", key="create", type="primary", icon=":material/add:"):
        _form(actor)


@st.dialog("Create tenant")
def _form(actor: Actor) -> None:
    with st.form("create_tenant", border=False):
        name = st.text_input("Name", key="new_name", max_chars=rules.MAX_NAME)
        domain = st.text_input("Domain", key="new_domain", placeholder="example.com")
        left, right = st.columns(2)
        tier = left.selectbox("Plan", rules.TIERS, index=1, key="new_tier", format_func=str.capitalize)
        region = right.selectbox("Region", rules.REGIONS, key="new_region")
        seats = st.number_input("Seats", min_value=1, max_value=rules.MAX_SEATS, value=10, step=1, key="new_seats")
        if st.form_submit_button("Create tenant", type="primary", key="new_submit"):
            values = {"name": name, "domain": domain, "tier": tier, "region": region, "seats": seats}
            run_action(actions.create, actor, **values, done="Created.")

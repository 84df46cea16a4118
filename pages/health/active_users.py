"""Active users: operators of the portal, and the tenants' people as far as the product tells."""

import streamlit as st

from pages._parts import time_range
from pages._parts.frame import begin_page
from pages.health._active_users import operators, people, tenants

actor = begin_page("health/active_users")

operators.now(actor)
people.now(actor)
chosen = time_range.choose(actor, default="7d")
left, right = st.columns(2)
with left:
    operators.trend(actor, chosen)
with right:
    people.trend(actor, chosen)
tenants.show(actor, chosen)

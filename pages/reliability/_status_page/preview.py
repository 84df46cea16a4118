"""The page as it would be rendered now."""

import base64

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.status_page import queries, rendering
from core.reliability.status_page.files import INDEX

HEIGHT = 900


def show(actor: Actor) -> None:
    """Inside a frame of an origin of its own: it has nothing to do with the session."""
    files = rendering.render(queries.snapshot(actor), utc_now(), rendering.site())
    page = next(one.body for one in files if one.path == INDEX)
    st.caption("As it would be rendered now. Links work on the page itself alone.")
    st.iframe(f"data:text/html;base64,{base64.b64encode(page).decode()}", height=HEIGHT, alt="The status page")

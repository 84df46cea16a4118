"""One's own account: password and time zone."""

from zoneinfo import available_timezones

import streamlit as st

from core.access.operators import actions as operators
from core.access.operators import queries
from core.access.sessions import actions as sessions
from core.kernel.actor import Actor
from pages._parts.frame import run_action


@st.dialog("Your account")
def show(actor: Actor) -> None:
    """Two forms: the time zone, and a new password."""
    st.caption(f"{actor.name} · {queries.own_email(actor)}")
    _time_zone(actor)
    _password(actor)


def _time_zone(actor: Actor) -> None:
    zones = sorted(available_timezones())
    with st.form("own_zone"):
        chosen = st.selectbox(
            "Time zone", zones, zones.index(actor.time_zone) if actor.time_zone in zones else None,
            key="own_zone_name", placeholder=f"The browser's ({st.context.timezone or 'UTC'})",
        )  # fmt: skip
        if st.form_submit_button("Save time zone", key="own_zone_submit"):
            run_action(operators.choose_time_zone, actor, chosen, done="Times are shown in that zone now.")


def _password(actor: Actor) -> None:
    with st.form("own_password"):
        current = st.text_input("Current password", type="password", key="own_current", autocomplete="current-password")
        new = st.text_input("New password", type="password", key="own_new", autocomplete="new-password")
        again = st.text_input("New password again", type="password", key="own_again", autocomplete="new-password")
        if not st.form_submit_button("Change password", key="own_password_submit"):
            return
        if new != again:
            st.error("The two new passwords differ. Type the same one twice.", icon=":material/error:")
            return
        run_action(sessions.change_password, actor, current=current, new=new, done=_told)


def _told(ended: int) -> str:
    return "Password changed." + (f" Other sessions ended: {ended}." if ended else "")

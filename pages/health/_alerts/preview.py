"""Who would be told now: the routes tried out on a severity and an area."""

import streamlit as st

from core.health.channels import queries
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.moments import UNKNOWN
from pages.health._alerts import words


def show(actor: Actor) -> None:
    """Severity and area, and whom an alert that opens at this moment would reach."""
    st.subheader("Who would be told now", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        severity = st.selectbox(
            "Severity",
            list(words.SEVERITIES),
            key="told_severity",
            format_func=lambda one: words.SEVERITIES[one][0],
            width=200,
        )
        area = st.selectbox("Area", words.areas(), key="told_area", format_func=words.area, width=200)
    found = queries.who_would_be_told(actor, severity=severity, area=area, at=utc_now())
    if found.empty:
        st.warning("Nobody: no route matches at this hour.", icon=":material/notifications_off:")
        return
    shown = found.assign(
        after=["At once" if not after else f"After {words.lasting(after)}" for after in found["after"]],
        every=words.column(
            (None if words.is_unknown(every) else f"Every {words.lasting(every)}" for every in found["every"]), found
        ),
        state=["" if enabled else "Disabled: nothing is sent" for enabled in found["is_enabled"]],
    )
    st.dataframe(
        shown[["channel", "after", "every", "route", "state"]], hide_index=True, key="told", placeholder=UNKNOWN,
        column_config={
            "channel": "Channel", "after": "When", "every": "Repeated", "route": "By route",
            "state": st.column_config.TextColumn("", width=200),
        },
    )  # fmt: skip

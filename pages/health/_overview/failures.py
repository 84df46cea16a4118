"""What nobody expected in the last 24 h, for those who may see traces."""

import streamlit as st

from core.health.errors import queries
from core.kernel.actor import Actor
from pages._parts.frame import live, zone


@live("10s")
def show(actor: Actor) -> None:
    """Errors of one cause in one row; a click shows the trace of the latest."""
    st.subheader("Unexpected errors of the last 24 h", anchor=False)
    groups = queries.groups(actor)
    if groups.empty:
        st.caption("None was recorded.")
        return
    event = st.dataframe(
        groups.drop(columns="fingerprint"), hide_index=True, key="errors", on_select="rerun", selection_mode="single-row",
        height="content",
        column_config={
            "type": "Error", "message": st.column_config.TextColumn("Message", width="large"), "route": "Route",
            "errors": st.column_config.NumberColumn("Times", width="small"),
            "first_at": st.column_config.DatetimeColumn("First seen", format="distance", timezone=str(zone(actor))),
            "last_at": st.column_config.DatetimeColumn("Last seen", format="distance", timezone=str(zone(actor))),
        },
    )  # fmt: skip
    if event.selection.rows:
        _trace(actor, groups["fingerprint"].iloc[event.selection.rows[0]])


def _trace(actor: Actor, fingerprint: str) -> None:
    one = queries.latest(actor, fingerprint)
    if one is not None:
        st.caption(f"Request id {one['request_id'] or 'unknown'} · {one['route']}")
        st.code(one["trace"], language=None, wrap_lines=True, height=320)

"""The last checks of one monitor, one by one."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.monitors import queries
from core.kernel.actor import Actor
from pages._parts import paging
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.health._monitors import texts


def show(actor: Actor, monitor_id: UUID) -> None:
    """Newest first; they are kept for 7 days."""
    with st.expander("Single checks", icon=":material/list:", key="single_checks", on_change="rerun") as shown:
        if shown.open:
            _page(actor, monitor_id)


def _page(actor: Actor, monitor_id: UUID) -> None:
    way = paging.trail("checks", monitor_id)
    page = queries.checks(actor, monitor_id, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        st.caption("No check in the last 7 days.")
        return
    frame = page.frame
    states = pd.Series([[texts.state(one)] for one in frame["state"]], index=frame.index, dtype="object")
    column = st.column_config
    st.dataframe(
        frame.assign(state=states)[["at", "state", "latency_ms", "detail", "is_counted"]], hide_index=True,
        key="monitor_checks", placeholder=UNKNOWN, height=320 if len(frame) > 8 else "content",
        column_config={
            "at": column.DatetimeColumn("When", format="YYYY-MM-DD HH:mm:ss", timezone=str(zone(actor)), width=160),
            "state": column.MultiselectColumn(
                "State", options=[one[0] for one in texts.STATES.values()], color=[one[2] for one in texts.STATES.values()],
                width=110,
            ),
            "latency_ms": column.NumberColumn("Response time (ms)", format="%.1f", width=140),
            "detail": column.TextColumn("What came back", width="large"),
            "is_counted": column.CheckboxColumn("Counts", help="Not during excluded maintenance.", width="small"),
        },
    )  # fmt: skip
    paging.buttons("checks", way, len(frame), page.next)

"""What changed with a monitor: since when, how long, why."""

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.time_range import TimeRange
from pages.health._monitors import texts


def show(actor: Actor, changes: pd.DataFrame, span: TimeRange) -> None:
    """Newest first."""
    if changes.empty:
        return
    st.markdown("**Changes**")
    latest = changes.iloc[::-1].head(200)
    ends = latest["until"].fillna(pd.Timestamp(span.until))
    lengths = [texts.length(end - since) for since, end in zip(latest["since"], ends, strict=True)]
    states = pd.Series([[texts.state(one)] for one in latest["state"]], index=latest.index, dtype="object")
    column, viewer = st.column_config, str(zone(actor))
    st.dataframe(
        pd.DataFrame({
            "state": states, "since": latest["since"], "length": lengths, "until": latest["until"], "cause": latest["cause"],
        }),
        hide_index=True, key="monitor_changes", placeholder=UNKNOWN, height="content" if len(latest) <= 8 else 320,
        column_config={
            "state": column.MultiselectColumn(
                "State", options=[one[0] for one in texts.STATES.values()], color=[one[2] for one in texts.STATES.values()],
                width=110,
            ),
            "since": column.DatetimeColumn("Since", format="YYYY-MM-DD HH:mm:ss", timezone=viewer, width=160),
            "length": column.TextColumn("For", width=100),
            "until": column.DatetimeColumn(
                "Until", format="YYYY-MM-DD HH:mm:ss", timezone=viewer, width=160, help="Empty: it still is so."
            ),
            "cause": column.TextColumn("Why", width="large"),
        },
    )  # fmt: skip
    if len(changes) > len(latest):
        st.caption(f"The latest {len(latest)} of {len(changes):,}; choose a shorter time for the others.")

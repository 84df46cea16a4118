"""The incidents that run now, each as a card that stays fresh."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.incidents import queries
from pages._parts.frame import live
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.reliability._incidents import words

MOST = 8


@live("10s")
def show(actor: Actor) -> None:
    """Gravest first; a sentence where none runs."""
    found = queries.live(actor)
    if found.empty:
        st.success("No incident runs now.", icon=":material/check_circle:")
        return
    with st.grid(4, gap="small", min_column_width=260):
        for row in found.head(MOST).to_dict("records"):
            _card(row)
    if len(found) > MOST:
        st.caption(f"And {len(found) - MOST} more, in the list below.")


def _card(row: dict[Any, Any]) -> None:
    now = utc_now()
    with st.container(border=True, gap="xsmall", height="stretch"):
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.badge(words.SEVERITY[row["severity"]], color=words.SEVERITY_COLOURS[row["severity"]])
            st.badge(words.STATUS[row["status"]], color=words.STATUS_COLOURS[row["status"]])
            st.caption(words.length(words.lasting(row, now)))
        st.page_link(
            "reliability/incident.py", label=f"{row['reference']} {plain(row['title'])}", query_params={"id": row["id"]}
        )
        lead = plain(row["lead"]) if isinstance(row["lead"], str) else ":red[nobody leads]"
        hit = UNKNOWN if _is_missing(row["tenants"]) else f"{int(row['tenants']):,}"
        st.caption(f"{lead} · customers hit: {hit}")
        if not _is_missing(row["next_update_at"]):
            told, colour = words.countdown(row["next_update_at"], now)
            st.badge(told, icon=":material/timer:", color=colour)


def _is_missing(value: Any) -> bool:
    return bool(value is None or pd.isna(value))

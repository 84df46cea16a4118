"""What may have caused it: what changed just before, and past incidents that read alike."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.review import correlating, similar
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.reliability._review import words


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """Both, one below the other."""
    _changes(actor, incident)
    _similar(actor, incident)


def _changes(actor: Actor, incident: dict[str, Any]) -> None:
    st.subheader("What changed before", anchor=False)
    rows, hidden = correlating.changes(actor, incident["id"])
    kinds = st.pills(
        "Kind", list(words.KIND), format_func=words.KIND.__getitem__, selection_mode="multi", key="change_kinds",
        label_visibility="collapsed",
    )  # fmt: skip
    rows = rows[rows["kind"].isin(kinds)] if kinds else rows
    if rows.empty:
        st.info("Nothing changed in the 24 hours before it, as far as you may see.", icon=":material/inbox:")
    else:
        st.dataframe(
            _told(actor, rows), hide_index=True, key="changes_before", height="content" if len(rows) < 9 else 330,
            column_config={
                "Likelihood": st.column_config.ProgressColumn(
                    "Likelihood", min_value=0, max_value=1, format="percent",
                    help="By how close before it was, and by the share of what was hit that it could have touched.",
                ),
                "What": st.column_config.TextColumn("What", width="large"),
            },
        )  # fmt: skip
    if hidden:
        st.caption(f"Your role does not see: {', '.join(words.KIND[one].lower() for one in hidden)}.")


def _told(actor: Actor, rows: pd.DataFrame) -> pd.DataFrame:
    at = pd.to_datetime(rows["at"], utc=True).dt.tz_convert(zone(actor))
    return pd.DataFrame({
        "Likelihood": rows["score"].astype(float), "What": rows["what"], "Kind": rows["kind"].map(words.KIND),
        "When": at.dt.strftime("%d %b %H:%M"), "Before it": [_before(one) for one in rows["minutes_before"]],
        "Touches what was hit": [UNKNOWN if pd.isna(one) else f"{one:.0%}" for one in rows["overlap"]],
        "Who": rows["who"].replace("", UNKNOWN),
    })  # fmt: skip


def _before(minutes: float) -> str:
    told = words.length(abs(minutes) * 60)
    return told if minutes >= 0 else f"{told} after"


def _similar(actor: Actor, incident: dict[str, Any]) -> None:
    st.subheader("Similar incidents", anchor=False)
    found = similar.similar(actor, incident["id"])
    if found.empty:
        st.info("No past incident reads like this one.", icon=":material/inbox:")
        return
    for row in found.to_dict("records"):
        _past(row)


def _past(row: dict[Any, Any]) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                "reliability/incident.py", label=f"{row['reference']} {plain(row['title'])}", icon=":material/history:",
                query_params={"id": str(row["id"])},
            )  # fmt: skip
            st.badge(row["severity"].upper(), color="gray")
            for service in row["shared_services"]:
                st.badge(plain(service), color="blue")
        st.text(row["root_cause"] or "Its root cause was not written down.")
        if row["resolution"]:
            st.caption("Resolution")
            st.text(row["resolution"])

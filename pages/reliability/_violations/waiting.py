"""Exclusions that wait for somebody to decide."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import asked
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages.reliability._sla import words

MOST = 5


def show(actor: Actor) -> None:
    """The latest ones, each with the way to its violation, where it is decided."""
    found = asked.exclusions(actor, is_waiting=True)
    if found.empty:
        return
    with st.container(border=True):
        st.markdown("**Exclusions to decide**")
        for row in found.head(MOST).to_dict("records"):
            _one(actor, {str(name): value for name, value in row.items()})
        if len(found) > MOST:
            st.caption("These are the latest. The others: choose the standing Exclusion asked below.")


def _one(actor: Actor, row: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        label = f"{plain(words.name(row))} · {words.METRICS[row['metric']]}"
        st.page_link(
            "reliability/violations.py", label=label, icon=":material/rate_review:",
            query_params={"violation": str(row["violation_id"])},
        )  # fmt: skip
        begin = row["starts_at"].astimezone(zone(actor))
        length = words.minutes((row["ends_at"] - row["starts_at"]).total_seconds() / 60)
        st.caption(f"{length} from {begin:%d %b %H:%M} · {plain(row['asked_by_name'])}: {plain(row['reason'])}")

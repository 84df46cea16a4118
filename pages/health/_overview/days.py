"""The last 90 days, and how much of them nobody watched."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from core.health import demo
from core.health.components import queries
from core.kernel.actor import Actor
from pages._parts import charts
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN, percent


@live("60s")
def show(actor: Actor) -> None:
    """The strip, with the shares it stands on."""
    days = queries.days(actor)
    st.subheader("Availability over 90 days", anchor=False)
    with st.container(border=True):
        point = charts.clicked(charts.strip(days, title="All that is checked, by day in UTC"), "strip")
        st.caption(f"{_shares(days)} Click a day to see what was wrong.")
        if point is not None:
            st.query_params["day"] = str(point["x"])[:10]
        _day(actor)
    seeded = demo.seeded_at(actor)
    if seeded is not None and seeded > days["day"].iloc[0]:
        st.caption(f":material/science: What is dated before {seeded:%d %b %Y %H:%M} UTC is demo data.")


def _day(actor: Actor) -> None:
    """The day that the address names, component by component."""
    try:
        start = datetime.fromisoformat(st.query_params.get("day", "")).replace(tzinfo=UTC)
    except ValueError:
        return
    found = queries.day(actor, start)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{start:%d %b %Y}** (UTC)", width="content")
        if st.button("Close", key="day_close", icon=":material/close:", type="tertiary"):
            del st.query_params["day"]
            st.rerun()
    if found.empty:
        st.caption("Nothing was observed by component on this day, or it is no longer kept.")
        return
    shares = found[["observed_ratio", "available_ratio", "degraded_ratio"]].astype("Float64") * 100
    column = st.column_config
    st.dataframe(
        pd.DataFrame({"title": found["title"], **shares, "down_at": found["down_at"]}), hide_index=True, key="day",
        placeholder=UNKNOWN, height="content",
        column_config={
            "title": "Component", "observed_ratio": column.NumberColumn("Observed", format="%.1f %%"),
            "available_ratio": column.NumberColumn("Available", help="Of the observed time.", format="%.3f %%"),
            "degraded_ratio": column.NumberColumn("Degraded", help="Counts as available.", format="%.1f %%"),
            "down_at": column.DatetimeColumn("First down in the hour", format="HH:mm", timezone=str(zone(actor))),
        },
    )  # fmt: skip


def _shares(days: pd.DataFrame) -> str:
    seen = days["observed_ratio"]
    weights, known = seen[seen > 0], days.loc[seen > 0, "available_ratio"].astype(float)
    unobserved = f"**{percent(float(1 - seen.mean()))} of these {len(days)} days was not observed** (grey)"
    if not len(weights):
        return f"{unobserved}; so nothing can be said about them."
    available = float((weights * known).sum() / weights.sum())
    return f"Available **{percent(available, 3)}** of the observed time; {unobserved} and does not count."

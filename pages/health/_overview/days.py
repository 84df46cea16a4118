"""The last 90 days, and how much of them nobody watched."""

import pandas as pd
import streamlit as st

from core.health import demo
from core.health.components import queries
from core.kernel.actor import Actor
from pages._parts import charts
from pages._parts.frame import live
from pages._parts.moments import percent


@live("60s")
def show(actor: Actor) -> None:
    """The strip, with the shares it stands on."""
    days = queries.days(actor)
    st.subheader("Availability over 90 days", anchor=False)
    with st.container(border=True):
        charts.show(charts.strip(days, title="All that is checked, by day in UTC"), "strip")
        st.caption(_shares(days))
    seeded = demo.seeded_at(actor)
    if seeded is not None and seeded > days["day"].iloc[0]:
        st.caption(f":material/science: What is dated before {seeded:%d %b %Y %H:%M} UTC is demo data.")


def _shares(days: pd.DataFrame) -> str:
    seen = days["observed_ratio"]
    weights, known = seen[seen > 0], days.loc[seen > 0, "available_ratio"].astype(float)
    unobserved = f"**{percent(float(1 - seen.mean()))} of these {len(days)} days was not observed** (grey)"
    if not len(weights):
        return f"{unobserved}; so nothing can be said about them."
    available = float((weights * known).sum() / weights.sum())
    return f"Available **{percent(available, 3)}** of the observed time; {unobserved} and does not count."

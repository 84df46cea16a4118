"""CSAT and the number of answers by week."""

from datetime import timedelta

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.satisfaction import queries
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import zone
from pages.support._satisfaction.bar import Chosen

WEEK = timedelta(weeks=1)


def show(actor: Actor, chosen: Chosen) -> None:
    """A week without an answer is a gap, and not zero."""
    where = zone(actor)
    weeks = queries.by_week(actor, chosen.filters, where)
    if weeks.empty:
        return
    local = pd.to_datetime(weeks["week"].dt.tz_convert(where).dt.date)
    # Whole weeks of the viewer's calendar: an hour more or less in between would break the line.
    even = weeks.assign(week=local.dt.tz_localize("UTC"))
    even = charts.at_every(even, "week", WEEK)
    left, right = st.columns(2)
    with left:
        ratio = charts.line(even, "week", {"happy_ratio": "CSAT"}, Axes("CSAT by week", "%", scale=100, top=105))
        ratio.update_traces(mode="lines+markers")
        charts.show(ratio, "satisfaction_trend")
    with right:
        counts = even.assign(answers=even["answers"].fillna(0), name=even["week"].dt.strftime("%d %b"))
        charts.show(charts.bars(counts, "name", "answers", Axes("Answers by week", "answers")), "satisfaction_answers")

"""What came and went by day, and how many tickets are expected to be open."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.kernel.actor import Actor
from core.support.load import queries
from core.support.load.forecast import Backlog
from pages._parts import charts, exporting
from pages._parts.charts import LINES, Axes

_BAND = "rgba(217, 120, 45, 0.18)"


def show(actor: Actor) -> None:
    """The last weeks, then what is expected. Days are UTC, as all that is counted by day."""
    days = queries.flow(actor)
    exporting.button(actor, "tickets by day", queries.flow, filters={"weeks": queries.WEEKS})
    if days.empty:
        st.info("No whole day with tickets is known yet.", icon=":material/inbox:")
        return
    found = queries.backlog(actor, days)
    st.markdown(found.sentence)
    charts.show(_came_and_went(days), "backlog_flow")
    if not found.course.empty:
        charts.show(_expected(found), "backlog_expected")
        st.caption(
            f"Out of {found.days} known days: the usual growth of each day of the week goes on. It knows nothing of releases, "
            "holidays, or colleagues who come and go."
        )


def _came_and_went(days: pd.DataFrame) -> go.Figure:
    return charts.line(
        days, "day", {"created": "Created", "resolved": "Resolved"}, Axes("Created and resolved by day", "tickets")
    )


def _expected(found: Backlog) -> go.Figure:
    """The band first, so that the line lies upon it."""
    course, axes = found.course, Axes("Open tickets expected", "tickets", height=300)
    figure = charts.empty(axes.title, axes.unit, axes.height)
    at = course["day"].dt.tz_localize(None).to_numpy()
    invisible = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_trace(go.Scatter(x=at, y=course["low"], showlegend=False, **invisible))
    figure.add_trace(
        go.Scatter(x=at, y=course["high"], name="Four times of five", fill="tonexty", fillcolor=_BAND, **invisible)
    )
    dotted = {"color": LINES[1], "width": 1.8, "dash": "dot"}
    told = "%{y:,.0f} tickets"
    figure.add_trace(
        go.Scatter(x=at, y=course["expected"], name="Expected", mode="lines", line=dotted, hovertemplate=told)
    )
    figure.update_layout(showlegend=True)
    figure.update_xaxes(showgrid=False, tickformat="%d %b")
    figure.update_yaxes(rangemode="tozero", nticks=5)
    return figure

"""What is open by priority and by category, and how the backlog came about."""

from zoneinfo import ZoneInfo

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages._parts import charts
from pages._parts.charts import LINES, TONES
from pages.support._words import ACTIVE, PRIORITY, STATUS

CATEGORIES = 10
_COLOURS = dict(zip(ACTIVE, (LINES[0], LINES[1], LINES[2], TONES["unknown"]), strict=True))


def show(active: pd.DataFrame, days: pd.DataFrame, zone: ZoneInfo) -> None:
    """Three charts, with an empty state where nothing is open."""
    left, right = st.columns(2)
    if active.empty:
        st.info("No ticket is open: there is nothing to divide by priority or category.", icon=":material/task_alt:")
    else:
        with left.container(border=True):
            charts.show(_by_priority(active), "center_priority")
        with right.container(border=True):
            charts.show(_by_category(active), "center_category")
    with st.container(border=True):
        charts.show(_course(days, zone), "center_course")


def _by_priority(active: pd.DataFrame) -> go.Figure:
    figure = charts.empty("Open by priority", "tickets", 280)
    sums = active.groupby(["status", "priority"])["tickets"].sum()
    for status in ACTIVE:
        heights = [int(sums.get((status, priority), 0)) for priority in PRIORITY]
        if any(heights):
            figure.add_trace(
                go.Bar(
                    x=[*PRIORITY.values()],
                    y=heights,
                    name=STATUS[status],
                    marker_color=_COLOURS[status],
                    hovertemplate="%{y:,}",
                )
            )
    figure.update_layout(barmode="stack", bargap=0.35, showlegend=True, legend=_BELOW)
    return _axes(figure)


def _by_category(active: pd.DataFrame) -> go.Figure:
    """The largest, and the rest as one."""
    sums = active.assign(category=active["category"].fillna("no category")).groupby("category")["tickets"].sum()
    sums = sums.sort_values(ascending=False)
    names, heights = list(sums.index[:CATEGORIES]), [int(one) for one in sums.iloc[:CATEGORIES]]
    if len(sums) > CATEGORIES:
        names.append(f"{len(sums) - CATEGORIES} others")
        heights.append(int(sums.iloc[CATEGORIES:].sum()))
    figure = charts.empty("Open by category", "tickets", 280)
    short = [name if len(name) <= 28 else f"{name[:27]}…" for name in names]
    figure.add_trace(
        go.Bar(
            y=list(range(len(names))), x=heights, orientation="h", marker_color=LINES[0], text=heights, customdata=names,
            hovertemplate="%{customdata}: %{x:,}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(showlegend=False, hovermode="closest", bargap=0.25)
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=short, autorange="reversed", showgrid=False)
    figure.update_xaxes(gridcolor=charts.FAINT, rangemode="tozero", nticks=5)
    return figure


def _course(days: pd.DataFrame, zone: ZoneInfo) -> go.Figure:
    figure = charts.empty(f"Created, resolved and open by day ({zone})", "tickets", 280)
    for name, title, colour in (("created", "Created", LINES[1]), ("resolved", "Resolved", TONES["healthy"])):
        figure.add_trace(go.Bar(x=days["day"], y=days[name], name=title, marker_color=colour, hovertemplate="%{y:,}"))
    line = {"color": LINES[0], "width": 2}
    figure.add_trace(
        go.Scatter(x=days["day"], y=days["backlog"], name="Open at its end", mode="lines+markers", line=line,
                   marker={"size": 3}, hovertemplate="%{y:,}")
    )  # fmt: skip
    figure.update_layout(barmode="group", bargap=0.25, showlegend=True, legend=_BELOW)
    figure.update_xaxes(type="date", tickformat="%d %b")
    return _axes(figure)


_BELOW = {"orientation": "h", "yanchor": "top", "y": -0.14, "xanchor": "left", "x": 0, "traceorder": "normal"}


def _axes(figure: go.Figure) -> go.Figure:
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(rangemode="tozero", gridcolor=charts.FAINT, nticks=6)
    return figure

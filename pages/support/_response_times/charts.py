"""How many took how long, and the median and 90th percentile of each part."""

from datetime import timedelta
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.support.figures.distributions import EDGES
from pages._parts import charts
from pages._parts.charts import LINES, TONES
from pages.support._figures.words import HOURS, MEASURES, duration
from pages.support._response_times.bar import BY, Chosen
from pages.support._words import PRIORITY, length

MOST = 24  # parts that a chart can tell apart
_COLOURS = dict(zip(PRIORITY, (TONES["down"], TONES["degraded"], LINES[0], TONES["unknown"]), strict=True))
_NAMES = [f"≤ {length(timedelta(seconds=EDGES[0]))}"] + [
    f"{length(timedelta(seconds=low))} – {length(timedelta(seconds=high))}" for low, high in pairwise(EDGES)
] + [f"> {length(timedelta(seconds=EDGES[-1]))}"]  # fmt: skip
_BELOW = {"orientation": "h", "yanchor": "top", "y": -0.38, "xanchor": "left", "x": 0, "traceorder": "normal"}


def show(spread: pd.DataFrame, parts: pd.DataFrame, chosen: Chosen) -> None:
    """Side by side."""
    left, right = st.columns(2)
    with left.container(border=True):
        if spread.empty:
            st.caption("No clock counted business hours for these tickets, so their spread is unknown.")
        else:
            charts.show(_spread(spread, chosen), "response_spread")
    with right.container(border=True):
        charts.show(_parts(parts, chosen), "response_parts")


def _spread(spread: pd.DataFrame, chosen: Chosen) -> go.Figure:
    figure = charts.empty(f"{MEASURES[chosen.measure]}, {HOURS[chosen.hours].lower()}", "tickets", 320)
    counts = spread.set_index(["priority", "bar"])["tickets"]
    for priority, name in PRIORITY.items():
        heights = [int(counts.get((priority, place), 0)) for place in range(len(_NAMES))]
        if any(heights):
            figure.add_trace(
                go.Bar(x=_NAMES, y=heights, name=name, marker_color=_COLOURS[priority], hovertemplate="%{y:,}")
            )
    figure.update_layout(barmode="stack", bargap=0.12, showlegend=True, legend=_BELOW)
    figure.update_xaxes(type="category", showgrid=False, tickangle=-40, categoryorder="array", categoryarray=_NAMES)
    figure.update_yaxes(rangemode="tozero", gridcolor=charts.FAINT, nticks=6)
    return figure


def _parts(parts: pd.DataFrame, chosen: Chosen) -> go.Figure:
    """Of the parts with the most tickets."""
    shown = parts.head(MOST)
    figure = charts.empty(
        f"Median and 90th percentile by {BY[chosen.part].lower()}", f"hours, {HOURS[chosen.hours].lower()}", 320
    )
    for name, title, colour in (("median_s", "Median", LINES[0]), ("p90_s", "90th percentile", LINES[1])):
        seconds = shown[f"{chosen.hours}_{name}"]
        figure.add_trace(
            go.Bar(
                x=_titles(shown["part"], chosen), y=seconds.to_numpy(dtype="float64", na_value=float("nan")) / 3600, name=title,
                marker_color=colour, customdata=[duration(one) for one in seconds], hovertemplate="%{customdata}",
            )
        )  # fmt: skip
    figure.update_layout(barmode="group", bargap=0.25, showlegend=True, legend=_BELOW)
    figure.update_xaxes(type="category", showgrid=False, tickangle=-40 if len(shown) > 6 else 0)
    figure.update_yaxes(rangemode="tozero", gridcolor=charts.FAINT, nticks=6)
    return figure


def _titles(parts: pd.Series, chosen: Chosen) -> list[str]:
    if chosen.part == "priority":
        return [PRIORITY[one] for one in parts]
    return [one if len(one) <= 24 else f"{one[:23]}…" for one in parts]

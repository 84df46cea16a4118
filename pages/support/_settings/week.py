"""A calendar as the picture of its week."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from core.support.sla.rules import DAY_MINUTES, WEEKDAYS, clock
from pages._parts import charts

_ALWAYS = [[day, 0, DAY_MINUTES] for day in range(7)]


def picture(calendar: Mapping[str, Any]) -> go.Figure:
    """A lane per weekday from 00:00 to 24:00 on the calendar's own wall clock, with its working periods."""
    zone = "every zone" if calendar["is_always"] else calendar["time_zone"]
    figure = charts.empty("Working week", zone, 290)
    periods = _ALWAYS if calendar["is_always"] else calendar["periods"]
    told = [f"{WEEKDAYS[day]} {clock(first)} to {clock(last)}" for day, first, last in periods]
    figure.add_trace(
        go.Bar(
            base=[first / 60 for _, first, _ in periods], x=[(last - first) / 60 for _, first, last in periods],
            y=[WEEKDAYS[day] for day, _, _ in periods], orientation="h", width=0.7, hovertext=told, hoverinfo="text",
            marker={"color": charts.LINES[0], "line": {"width": 0}},
        )
    )  # fmt: skip
    ticks = list(range(0, 25, 3))
    figure.update_layout(barmode="overlay", showlegend=False, hovermode="closest", barcornerradius=3)
    figure.update_xaxes(
        range=[0, 24],
        tickvals=ticks,
        ticktext=[clock(60 * hour) for hour in ticks],
        gridcolor=charts.FAINT,
        fixedrange=True,
    )
    # The range keeps days without work in the picture.
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=[*reversed(WEEKDAYS)], range=[-0.5, 6.5], fixedrange=True
    )
    return figure

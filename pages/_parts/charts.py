"""Every chart of the portal: Plotly, one look, light and dark by the viewer's theme.

graph_objects and not plotly.express: the same chart takes 1 ms instead of 25. Colours are told apart by people with any
colour vision (after Okabe and Ito) and have a contrast of at least 3:1 on both backgrounds. Nothing is drawn where nothing
is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

Span = tuple[datetime, datetime]
Tone = Literal["healthy", "degraded", "down", "unknown"]
TONES: dict[str, str] = {"healthy": "#2f9e6e", "degraded": "#d98200", "down": "#d6404e", "unknown": "#8b97a0"}
LINES = ("#1f8fb0", "#d9782d", "#8f6fc9", "#5b8f3b")
# The fifth and more parts of a stacked bar are rare: the lines' colours first, then others of the same contrast.
PARTS = (*LINES, "#c2557a", "#7a7f2d", "#8b97a0")
FAINT = "rgba(139, 151, 160, 0.25)"
# Exports go through the audited export, so no image button; the wheel scrolls the page and not the chart.
CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"}
_STATIC = {"staticPlot": True, "displayModeBar": False}


def covered(frame: pd.DataFrame, time: str, since: datetime, until: datetime) -> Span:
    """The time to draw: without what was before the first value, but half an hour at least."""
    return max(since, min(frame[time].iloc[0], until - timedelta(minutes=30))), until


@dataclass(frozen=True, slots=True)
class Axes:
    """What a chart says of itself. `scale` turns values into `unit`, `top` ends the axis of values, which begins at 0.

    `span` is the time that the chart covers, whether or not there are values; `zone` is the viewer's.
    """

    title: str
    unit: str
    zone: tzinfo = UTC
    scale: float = 1.0
    top: float | None = None
    span: Span | None = None
    height: int = 240


def _figure(title: str, unit: str, height: int) -> go.Figure:
    layout = {
        "title": {"text": f"{title} ({unit})" if unit else title, "font": {"size": 14}, "x": 0, "xanchor": "left"},
        "height": height, "margin": {"l": 8, "r": 8, "t": 44, "b": 8}, "hovermode": "x unified", "dragmode": "zoom",
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "right", "x": 1},
        "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        "uirevision": title,  # a refresh keeps the viewer's zoom
    }  # fmt: skip
    return go.Figure(layout=layout)


def empty(title: str, unit: str, height: int) -> go.Figure:
    """A figure with the look of all of them and nothing drawn, for what one page alone has."""
    return _figure(title, unit, height)


def show(figure: go.Figure, key: str) -> None:
    """Draws the figure in the viewer's theme; the key keeps it in place when it is refreshed."""
    st.plotly_chart(figure, width="stretch", config=CONFIG, key=key)


def clicked(figure: go.Figure, name: str) -> dict[str, Any] | None:
    """Draws the figure; returns the point that was clicked in this run (x, y, customdata, ...), else None.

    The key is a new one after each click, so that the same point does not count again in the next run.
    """
    clicks = f"{name}_clicks"
    key = f"{name}_{st.session_state.get(clicks, 0)}"
    event = st.plotly_chart(figure, width="stretch", config=CONFIG, key=key, on_select="rerun", selection_mode="points")
    points = event.selection.points
    if not points:
        return None
    st.session_state[clicks] = st.session_state.get(clicks, 0) + 1
    return dict(points[0])


def at_every(frame: pd.DataFrame, time: str, every: timedelta) -> pd.DataFrame:
    """The frame with a row at each step: a missing one is NA, so that a line breaks where nothing was measured."""
    if frame.empty:
        return frame
    return frame.set_index(time).asfreq(f"{every.total_seconds():.0f}s").reset_index()


def line(
    frame: pd.DataFrame, time: str, columns: Mapping[str, str], axes: Axes, *, colours: Sequence[str] = LINES
) -> go.Figure:
    """Lines over time, one per column (column -> its name)."""
    figure = _figure(axes.title, axes.unit, axes.height)
    at = frame[time].dt.tz_convert(axes.zone).dt.tz_localize(None).to_numpy()
    for (column, name), colour in zip(columns.items(), colours, strict=False):
        figure.add_trace(
            go.Scatter(
                x=at, y=_values(frame[column], axes), name=name, mode="lines" if len(frame) > 60 else "lines+markers",
                line={"color": colour, "width": 1.8}, marker={"size": 3},
                connectgaps=False, hovertemplate="%{y:,.4~g} " + axes.unit,
            )
        )  # fmt: skip
    local = [moment.astimezone(axes.zone).replace(tzinfo=None) for moment in axes.span or ()]
    figure.update_layout(showlegend=len(columns) > 1)
    figure.update_xaxes(showgrid=False, tickformatstops=_TICKS, range=local or None)
    return _from_zero(figure, axes)


def _values(column: pd.Series, axes: Axes) -> Any:
    return column.to_numpy(dtype="float64", na_value=float("nan")) * axes.scale


def _from_zero(figure: go.Figure, axes: Axes) -> go.Figure:
    figure.update_yaxes(rangemode="tozero", range=[0, axes.top] if axes.top else None, nticks=5, gridcolor=FAINT)
    return figure


_TICKS = [
    {"dtickrange": [None, 60_000], "value": "%H:%M:%S"},
    {"dtickrange": [60_000, 86_400_000], "value": "%H:%M"},
    {"dtickrange": [86_400_000, None], "value": "%d %b"},
]


def bars(frame: pd.DataFrame, category: str, value: str, axes: Axes) -> go.Figure:
    """One bar per row."""
    figure = _figure(axes.title, axes.unit, axes.height)
    told = "%{y:,.4~g} " + axes.unit + "<extra></extra>"
    heights = _values(frame[value], axes)
    figure.add_trace(go.Bar(x=frame[category], y=heights, marker_color=LINES[0], hovertemplate=told))
    figure.update_xaxes(showgrid=False, type="category")
    return _from_zero(figure, axes)


def stacked(frame: pd.DataFrame, day: str, value: str, by: str, axes: Axes) -> go.Figure:
    """One bar per day, made of one part per value of `by`; the most come first. Days without a row stay empty."""
    figure = _figure(axes.title, axes.unit, axes.height)
    totals = frame.groupby(by)[value].sum().sort_values(ascending=False)
    for place, name in enumerate(totals.index):
        part = frame[frame[by] == name]
        figure.add_trace(
            go.Bar(
                x=part[day].to_numpy(), y=_values(part[value], axes), name=str(name),
                marker_color=PARTS[place % len(PARTS)], hovertemplate="%{y:,.4~g} " + axes.unit,
            )
        )  # fmt: skip
    below = {"orientation": "h", "yanchor": "top", "y": -0.12, "xanchor": "left", "x": 0, "traceorder": "normal"}
    figure.update_layout(barmode="stack", bargap=0.25, showlegend=True, legend=below)
    figure.update_xaxes(showgrid=False, type="date", tickformat="%d %b")
    return _from_zero(figure, axes)


def steps(
    frame: pd.DataFrame, time: str, columns: Mapping[str, str], axes: Axes, *, every: timedelta,
    colours: Sequence[str] = LINES,
) -> go.Figure:  # fmt: skip
    """Bars over time, one per step that has a row, of the columns (column -> its name) upon each other."""
    figure = _figure(axes.title, axes.unit, axes.height)
    at = frame[time].dt.tz_convert(axes.zone).dt.tz_localize(None).to_numpy()
    told, width = "%{y:,.4~g} " + axes.unit, every.total_seconds() * 850
    for (column, name), colour in zip(columns.items(), colours, strict=False):
        heights = _values(frame[column], axes)
        figure.add_trace(
            go.Bar(x=at, y=heights, name=name, marker_color=colour, hovertemplate=told, offset=0, width=width)
        )
    local = [moment.astimezone(axes.zone).replace(tzinfo=None) for moment in axes.span or ()]
    figure.update_layout(barmode="stack", showlegend=len(columns) > 1)
    figure.update_xaxes(showgrid=False, tickformatstops=_TICKS, range=local or None)
    return _from_zero(figure, axes)


def gauge(value: float | None, *, title: str, warn: float, alarm: float, height: int = 150) -> go.Figure:
    """A ratio (0 to 1) in percent; amber from `warn`, red from `alarm`. None is drawn as not known, and not as 0."""
    tone = "unknown" if value is None else "down" if value >= alarm else "degraded" if value >= warn else "healthy"
    shape = {
        "shape": "angular", "bgcolor": FAINT, "borderwidth": 0, "bar": {"color": TONES[tone], "thickness": 1},
        "axis": {"range": [0, 100], "tickvals": [0, 50, 100], "ticksuffix": " %", "tickfont": {"size": 10}},
        "threshold": {"line": {"color": TONES["down"], "width": 2}, "thickness": 1, "value": alarm * 100},
    }  # fmt: skip
    figure = _figure(f"{title} (% used)", "", height)
    figure.add_trace(
        go.Indicator(
            value=0 if value is None else value * 100, mode="gauge" if value is None else "gauge+number", gauge=shape,
            number={"suffix": " %", "valueformat": ".0f", "font": {"size": 26}}, domain={"x": [0.04, 0.96], "y": [0, 0.86]},
        )
    )  # fmt: skip
    if value is None:
        figure.add_annotation(
            text="not known", x=0.5, y=0.08, showarrow=False, font={"size": 15, "color": TONES["unknown"]}
        )
    return figure


def sparkline(frame: pd.DataFrame, time: str, value: str, *, key: str, tone: str = "healthy", height: int = 46) -> None:
    """Draws the course of one figure, small and without axes. The card around it says what it is and in which unit."""
    numbers = frame[value].to_numpy(dtype="float64", na_value=float("nan"))
    trace = go.Scatter(
        x=frame[time].dt.tz_localize(None).to_numpy(), y=numbers, mode="lines", connectgaps=False,
        line={"color": TONES.get(tone, TONES["unknown"]), "width": 1.6},
    )  # fmt: skip
    hidden = {"visible": False, "fixedrange": True}
    layout = {
        "height": height, "margin": {"l": 0, "r": 0, "t": 2, "b": 2}, "showlegend": False, "xaxis": hidden,
        "yaxis": hidden | {"rangemode": "tozero"}, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
    }  # fmt: skip
    st.plotly_chart(go.Figure([trace], layout), width="stretch", config=_STATIC, key=key)


def strip(days: pd.DataFrame, *, title: str, height: int = 130) -> go.Figure:
    """One bar per day: as much of it as was observed in the colour of its status, the rest grey.

    Columns: day (UTC), status, observed_ratio, available_ratio (NA without observation).
    """
    figure = _figure(title, "share of each day", height)
    told = [_told(row) for row in days.to_dict("records")]
    colours = [TONES[status] for status in days["status"]]
    seen = days["observed_ratio"].to_numpy(dtype="float64")
    common: dict[str, Any] = {"x": days["day"].dt.tz_localize(None), "hovertext": told, "hoverinfo": "text"}
    figure.add_trace(go.Bar(y=seen, marker_color=colours, **common))
    figure.add_trace(go.Bar(y=1 - seen, marker_color=FAINT, **common))
    figure.update_layout(barmode="stack", bargap=0.18, showlegend=False, hovermode="closest", barcornerradius=2)
    figure.update_xaxes(showgrid=False, tickformat="%d %b", fixedrange=True)
    figure.update_yaxes(visible=False, range=[0, 1], fixedrange=True)
    return figure


def _told(row: Mapping[Any, Any]) -> str:
    day = f"{row['day']:%d %b %Y}"
    if pd.isna(row["available_ratio"]):
        return f"{day}<br>Not observed"
    unobserved = 1 - row["observed_ratio"]
    rest = f"<br>{unobserved:.1%} not observed" if unobserved >= 0.001 else ""
    return f"{day}<br>{row['available_ratio']:.3%} available{rest}"


def spans(rows: pd.DataFrame, lanes: Sequence[str], axes: Axes) -> go.Figure:
    """Bars along the time, one per row: what was how from when until when. `lanes` are drawn from top to bottom.

    Columns: since, until (UTC), lane, colour, told (the hover text), is_hatched.
    """
    figure = _figure(axes.title, axes.unit, axes.height)
    begin = rows["since"].dt.tz_convert(axes.zone).dt.tz_localize(None)
    lengths = (rows["until"] - rows["since"]).dt.total_seconds() * 1000
    pattern = {"shape": ["/" if hatched else "" for hatched in rows["is_hatched"]], "size": 5, "solidity": 0.35}
    marker = {"color": list(rows["colour"]), "line": {"width": 0}, "pattern": pattern}
    figure.add_trace(
        go.Bar(
            base=begin.to_numpy(), x=lengths.to_numpy(), y=list(rows["lane"]), orientation="h", marker=marker, width=0.82,
            hovertext=list(rows["told"]), hoverinfo="text", customdata=list(range(len(rows))),
        )
    )  # fmt: skip
    local = [moment.astimezone(axes.zone).replace(tzinfo=None) for moment in axes.span or ()]
    figure.update_layout(barmode="overlay", showlegend=False, hovermode="closest")
    figure.update_xaxes(type="date", showgrid=False, tickformatstops=_TICKS, range=local or None)
    figure.update_yaxes(categoryorder="array", categoryarray=[*reversed(lanes)], fixedrange=True, title=None)
    return figure

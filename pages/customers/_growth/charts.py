"""The charts that growth alone has: movements up and down, the bridge of one month, shares by month, the map of cohorts."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.customers.growth import months
from pages._parts import charts
from pages._parts.charts import FAINT, LINES, TONES

UP, DOWN, WHOLE = TONES["healthy"], TONES["down"], LINES[0]
# kind -> its name and colour, in the order of a bridge
KINDS: Mapping[str, tuple[str, str]] = {
    "new": ("New", TONES["healthy"]), "reactivation": ("Reactivation", LINES[2]), "expansion": ("Expansion", LINES[0]),
    "contraction": ("Contraction", TONES["degraded"]), "churn": ("Churn", TONES["down"]),
}  # fmt: skip


def moved(course: pd.DataFrame, currency: str) -> go.Figure:
    """Up and down by month and kind, one trace each in the order of KINDS, and what it comes to."""
    figure = charts.empty("Movements of MRR", currency, 300)
    for kind, (name, colour) in KINDS.items():
        heights = course[kind].astype(float)
        figure.add_trace(
            go.Bar(
                x=course["name"].tolist(), y=heights.tolist(), name=name, marker_color=colour,
                hovertemplate="%{x}: %{y:+,.2f}",
            )
        )  # fmt: skip
    net = (course["closing"] - course["opening"]).astype(float).tolist()
    line = {"color": TONES["unknown"], "width": 1.5, "dash": "dot"}
    told = "%{x}: %{y:+,.2f}"
    figure.add_trace(
        go.Scatter(x=course["name"].tolist(), y=net, name="Net", mode="lines", line=line, hovertemplate=told)
    )
    figure.update_layout(barmode="relative", bargap=0.25, showlegend=True, hovermode="closest")
    return _by_month(figure)


def bridge(month: Mapping[Any, Any], currency: str) -> go.Figure:
    """From opening to closing of one month; customdata of a bar: its kind, empty for the ends."""
    heights = [float(month[kind]) for kind in ("opening", *KINDS, "closing")]
    levels = list(accumulate(heights[:-1]))
    bases = [0.0, *levels[:-1], 0.0]
    unit = f"{currency}, axis cut" if _cut(levels) else currency
    figure = charts.empty(f"From opening to closing, {month['name']}", unit, 300)
    kinds, names = ["", *KINDS, ""], ["Opening", *(name for name, _ in KINDS.values()), "Closing"]
    colours = [WHOLE, *(UP if height >= 0 else DOWN for height in heights[1:-1]), WHOLE]
    told = [f"{height:+,.2f}" if kind else f"{height:,.2f}" for height, kind in zip(heights, kinds, strict=True)]
    figure.add_trace(
        go.Bar(
            x=names, y=heights, base=bases, marker_color=colours, customdata=kinds, text=told, textposition="outside",
            hovertext=told, hoverinfo="text", cliponaxis=False,
        )
    )  # fmt: skip
    figure.update_layout(showlegend=False, hovermode="closest")
    figure.update_xaxes(type="category", showgrid=False, tickangle=-30)
    figure.update_yaxes(gridcolor=FAINT, nticks=5, rangemode="tozero", range=_cut(levels))
    return figure


def _cut(levels: Sequence[float]) -> list[float] | None:
    """A range of the axis that shows movements which are small beside the whole; None where they show anyway."""
    low, high = min(levels), max(levels)
    if low <= 0 or high - low > low / 4:
        return None
    room = max(high - low, high / 100)
    return [max(low - 2 * room, 0), high + room]


def shares(course: pd.DataFrame, columns: Mapping[str, str], title: str) -> go.Figure:
    """Lines of ratios by month, broken where nothing is known."""
    figure = charts.empty(title, "%", 280)
    for (column, name), colour in zip(columns.items(), LINES, strict=False):
        values = course[column].to_numpy(dtype="float64", na_value=float("nan")) * 100
        figure.add_trace(
            go.Scatter(
                x=course["name"].tolist(), y=values, name=name, mode="lines+markers", connectgaps=False,
                line={"color": colour, "width": 1.8}, marker={"size": 4}, hovertemplate="%{y:.1f} %",
            )
        )  # fmt: skip
    figure.add_hline(y=100, line={"color": FAINT, "width": 1})
    figure.update_layout(showlegend=True)
    return _by_month(figure)


def parts(frame: pd.DataFrame, names: Mapping[str, str], title: str, currency: str) -> go.Figure:
    """MRR by month, made of parts; `frame` has month, part, mrr."""
    figure = charts.empty(title, currency, 300)
    for place, (part, name) in enumerate(names.items()):
        own = frame[frame["part"] == part]
        figure.add_trace(
            go.Bar(
                x=[months.name_of(month) for month in own["month"]], y=own["mrr"].astype(float).tolist(), name=name,
                marker_color=charts.PARTS[place % len(charts.PARTS)], hovertemplate="%{y:,.2f}",
            )
        )  # fmt: skip
    figure.update_layout(barmode="stack", bargap=0.25, showlegend=True)
    return _by_month(figure)


def cohort_map(frame: pd.DataFrame, ratio: str, title: str) -> go.Figure:
    """Cohorts by age, the darker the more is left. `y` of a cell is its cohort's name.

    A heat map cannot be clicked in parts, so unseen points lie upon its cells.
    """
    wide = frame.pivot_table(index="cohort", columns="age", values=ratio, aggfunc="first").sort_index()
    names = [months.name_of(int(cohort)) for cohort in wide.index]
    values = wide.to_numpy(dtype="float64", na_value=float("nan")) * 100
    text = [["" if value != value else f"{value:.0f}" for value in row] for row in values]  # noqa: PLR0124  (NaN)
    figure = charts.empty(title, "% left", max(260, 60 + 24 * len(names)))
    figure.add_trace(
        go.Heatmap(
            x=[int(age) for age in wide.columns], y=names, z=values, text=text, texttemplate="%{text}", textfont={"size": 11},
            colorscale=_SCALE, zmin=0, zmax=120, showscale=False, xgap=1, ygap=1, hoverinfo="skip",
        )
    )  # fmt: skip
    known = frame.dropna(subset=[ratio])
    cells = list(
        zip(known["age"].tolist(), map(months.name_of, known["cohort"].tolist()), known[ratio].tolist(), strict=True)
    )
    figure.add_trace(
        go.Scatter(
            x=[age for age, _, _ in cells], y=[name for _, name, _ in cells], mode="markers", showlegend=False,
            marker={"size": 22, "opacity": 0, "symbol": "square"}, hoverinfo="text",
            hovertext=[f"{name}, month {age}: {left:.1%} left" for age, name, left in cells],
        )
    )  # fmt: skip
    figure.update_layout(hovermode="closest")
    width = [-0.5, max((int(age) for age in wide.columns), default=0) + 0.5]
    figure.update_xaxes(title="Months since the first payment", showgrid=False, dtick=1, fixedrange=True, range=width)
    height = [len(names) - 0.5, -0.5]
    figure.update_yaxes(type="category", showgrid=False, fixedrange=True, range=height)
    return figure


# One hue from faint to full, which people with any colour vision read as more or less.
_SCALE = [[0, "rgba(31, 143, 176, 0.06)"], [1, "rgba(31, 143, 176, 0.95)"]]


def _by_month(figure: go.Figure) -> go.Figure:
    below = {"orientation": "h", "yanchor": "top", "y": -0.14, "xanchor": "left", "x": 0, "traceorder": "normal"}
    figure.update_layout(legend=below)
    figure.update_xaxes(type="category", showgrid=False, nticks=12)
    figure.update_yaxes(gridcolor=FAINT, nticks=6, zerolinecolor=TONES["unknown"])
    return figure

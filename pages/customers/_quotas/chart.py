"""The course of one quota with its limit and what is expected."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import plotly.graph_objects as go

from core.customers.quotas.forecast import Forecast
from core.customers.quotas.resources import Resource
from core.customers.quotas.rules import month_of
from pages._parts import charts
from pages._parts.charts import LINES, TONES, Axes

UTC = ZoneInfo("UTC")
_SCALES = {"bytes": (1 / 2**30, "GiB")}
_BAND = "rgba(217, 120, 45, 0.18)"


def axes_of(resource: Resource, title: str, **values: Any) -> Axes:
    scale, unit = _SCALES.get(resource.unit, (1.0, resource.unit))
    return Axes(title, unit, UTC, scale, **values)


def course(resource: Resource, days: pd.DataFrame, found: Forecast, *, limit: float | None, now: datetime) -> go.Figure:
    """What stands, over the last days; of a month, what it has added up to so far. Days are UTC, as quotas are counted."""
    title = "This month so far, and expected" if resource.is_monthly else "Course, and expected"
    history = _so_far(days, now) if resource.is_monthly else days
    axes = axes_of(resource, title, height=300)
    figure = charts.line(history, "day", {"amount": "Used"}, axes, colours=LINES[:1])
    figure.update_layout(showlegend=True)
    if found.course is not None:
        _expected(figure, history, found.course, axes)
    if limit is not None:
        figure.add_hline(
            y=limit * axes.scale, line={"color": TONES["down"], "width": 1.5, "dash": "dash"}, annotation_text="Limit",
            annotation_position="top left",
        )  # fmt: skip
    _marks(figure, found)
    return figure


def _so_far(days: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """The sum up to the end of each day of this month; unknown from the first unknown day on."""
    month = days[days["day"] >= month_of(now)]
    return month.assign(amount=month["amount"].cumsum(skipna=False))


def _expected(figure: go.Figure, history: pd.DataFrame, ahead: pd.DataFrame, axes: Axes) -> None:
    """From the last known point on: the band first, so that the line lies upon it."""
    known = history.dropna(subset=["amount"]).tail(1)
    begin = pd.DataFrame(
        {"day": known["day"], **{name: known["amount"].astype(float) for name in ("expected", "low", "high")}}
    )
    last = known["day"].iloc[0] if len(known) else pd.Timestamp.min.tz_localize("UTC")
    drawn = pd.concat([begin, ahead[ahead["day"] > last]], ignore_index=True)
    at = drawn["day"].dt.tz_localize(None).to_numpy()
    y = {name: drawn[name].to_numpy(dtype="float64") * axes.scale for name in ("expected", "low", "high")}
    invisible = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_trace(go.Scatter(x=at, y=y["low"], showlegend=False, **invisible))
    figure.add_trace(
        go.Scatter(x=at, y=y["high"], name="Four times of five", fill="tonexty", fillcolor=_BAND, **invisible)
    )
    dotted = {"color": LINES[1], "width": 1.8, "dash": "dot"}
    told = "%{y:,.4~g} " + axes.unit
    figure.add_trace(go.Scatter(x=at, y=y["expected"], name="Expected", mode="lines", line=dotted, hovertemplate=told))


def _marks(figure: go.Figure, found: Forecast) -> None:
    if found.on is not None:
        line = {"color": LINES[1], "width": 1, "dash": "dot"}
        figure.add_vline(x=pd.Timestamp(found.on).timestamp() * 1000, line=line)


def by_day(resource: Resource, days: pd.DataFrame) -> go.Figure:
    """What was used on each day."""
    return charts.steps(
        days.dropna(subset=["amount"]), "day", {"amount": resource.label}, axes_of(resource, "By day", height=200),
        every=timedelta(days=1),
    )  # fmt: skip

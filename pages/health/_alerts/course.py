"""The measure around an alert, with its bound or its expected band, and the moments it fired and ended."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.health.alerts import queries
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import charts
from pages._parts.charts import TONES, Axes
from pages._parts.frame import zone

SCALES = {"ratio": (100.0, "%"), "per_min": (1.0, "a minute"), "count": (1.0, "number"), "value": (1.0, "")}
BAND = "rgba(31, 143, 176, 0.18)"


def show(actor: Actor, alert: dict[str, Any]) -> None:
    """From well before it opened until it ended, or now."""
    end = min(alert["resolved_at"] or utc_now(), alert["opened_at"] + timedelta(days=7))
    lasted = max(end - alert["opened_at"], timedelta(minutes=30))
    since, until = alert["opened_at"] - lasted, end + min(lasted / 4, timedelta(hours=6))
    found = queries.series_of(actor, alert["id"], since=since, until=min(until, utc_now()))
    if found.empty or not found["value"].notna().any():
        st.info("Nothing was measured at this time, or nothing that can be drawn.", icon=":material/show_chart:")
        return
    figure = drawn(found, alert["rule"], alert["unit"], zone(actor), span=(since, until))
    mark(figure, alert["opened_at"], "fired", "down", zone(actor))
    if alert["resolved_at"]:
        mark(figure, alert["resolved_at"], "over", "healthy", zone(actor))
    with st.container(border=True):
        charts.show(figure, "alert_course")


def drawn(
    found: pd.DataFrame, title: str, unit: str, where: Any, *, span: tuple[datetime, datetime] | None = None
) -> go.Figure:
    """Columns: time (UTC), value, and bound or lower and upper where they are known."""
    scale, named = SCALES.get(unit, (1.0, unit))
    axes = Axes(title, named, where, scale=scale, span=span, height=280)
    figure = charts.line(found, "time", {"value": "Value"}, axes)
    at = found["time"].dt.tz_convert(where).dt.tz_localize(None).to_numpy()
    if {"lower", "upper"} <= set(found.columns) and found["upper"].notna().any():
        _band(figure, at, found, scale)
    if "bound" in found.columns and found["bound"].notna().any():
        bound = float(found["bound"].dropna().iloc[-1]) * scale
        figure.add_hline(
            y=bound, line={"color": TONES["down"], "width": 1.2, "dash": "dash"}, annotation_text=f"bound {bound:,.4g}",
            annotation_position="top left",
        )  # fmt: skip
        figure.update_yaxes(range=[0, max(bound, _highest(found) * scale) * 1.1] if bound > 0 else None)
    return figure


def _highest(found: pd.DataFrame) -> float:
    known = found["value"].dropna()
    return float(known.max()) if len(known) else 0.0


def _band(figure: go.Figure, at: Any, found: pd.DataFrame, scale: float) -> None:
    """What was expected, as an area behind the line."""
    edges = {name: found[name].to_numpy(dtype="float64", na_value=float("nan")) * scale for name in ("lower", "upper")}
    hidden = {"x": at, "mode": "lines", "line": {"width": 0}, "hovertemplate": "%{y:,.4~g}"}
    figure.add_trace(go.Scatter(y=edges["lower"], name="Expected from", showlegend=False, **hidden))
    figure.add_trace(go.Scatter(y=edges["upper"], name="Expected to", fill="tonexty", fillcolor=BAND, **hidden))
    figure.update_layout(showlegend=True)


def mark(figure: go.Figure, moment: Any, said: str, tone: str, where: Any) -> None:
    """A line at the moment, with a word."""
    at = pd.Timestamp(moment).tz_convert(where).tz_localize(None).to_pydatetime()
    line = {"color": TONES[tone], "width": 1.4, "dash": "dot"}
    figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, yref="paper", line=line)
    figure.add_annotation(x=at, y=1, yref="paper", text=said, showarrow=False, xanchor="left", font={"size": 11})

"""How messages fared over the chosen time."""

from dataclasses import replace

import streamlit as st

from core.health.providers import course, rules
from core.health.providers.rules import Status
from core.kernel.actor import Actor
from pages._parts import charts
from pages._parts.charts import LINES, TONES, Axes
from pages._parts.frame import zone
from pages._parts.time_range import TimeRange
from pages.health._requests import zooming

OUTCOMES = {"delivered": "Delivered", "open": "Sent, outcome not told", "failed": "Failed"}
BANDS: dict[float, Status] = {rules.DEGRADED_FROM: "degraded", rules.DOWN_FROM: "down"}
COLOURS = (TONES["healthy"], TONES["unknown"], TONES["down"])


def show(actor: Actor, span: TimeRange, *, provider: str = "", channel: str = "") -> None:
    """Messages by outcome, their error rate and response time; a click on a bar leads into its time."""
    window, frame = course.course(actor, span.since, span.until, provider=provider, channel=channel)
    if not frame["messages"].sum():
        st.info("No message was reported in this time.", icon=":material/inbox:")
        return
    axes = Axes("", "", zone(actor), span=(window.since, window.until))
    told = frame.assign(open=frame["messages"] - frame["delivered"] - frame["failed"])
    with st.container(border=True):
        unit = f"messages a {window.grain}"
        named = replace(axes, title="Messages by outcome", unit=unit)
        figure = charts.steps(told, "bucket", OUTCOMES, named, every=window.step, colours=COLOURS)
        point = charts.clicked(figure, "outcomes")
    left, right = st.columns(2)
    with left.container(border=True):
        failing = replace(axes, title="Error rate", unit="%", scale=100)
        rates = charts.steps(
            frame, "bucket", {"error_ratio": "Error rate"}, failing, every=window.step, colours=(TONES["down"],)
        )
        for share, tone in BANDS.items() if provider else ():
            rates.add_hline(y=share * 100, line_dash="dot", line_color=TONES[tone])
        charts.show(rates, "error_rate")
    with right.container(border=True):
        took = replace(axes, title="Response time", unit="ms")
        lines = charts.line(frame, "bucket", {"p50": "p50", "p95": "p95"}, took, colours=LINES)
        charts.show(lines, "response_time")
    zooming.into(actor, point, window.step)

"""The course of the time: rate by status class, error rate, percentiles; and which statuses were answered."""

from dataclasses import replace

import streamlit as st

from core.health.requests import breakdowns
from core.health.requests.figures import CLASSES, Report
from core.health.requests.filters import Filters
from core.health.requests.percentiles import QUANTILES
from core.kernel.actor import Actor
from pages._parts import charts
from pages._parts.charts import LINES, TONES, Axes
from pages._parts.frame import zone
from pages._parts.moments import percent
from pages._parts.time_range import TimeRange
from pages.health._requests import zooming
from pages.health._requests.bar import narrow

COLOURS = (LINES[0], TONES["unknown"], TONES["degraded"], TONES["down"])
_COLOUR_OF = dict(zip("2345", COLOURS, strict=True))


def show(actor: Actor, report: Report) -> None:
    """Three charts; a click on a bar leads into its time."""
    buckets, window = report.buckets, report.window
    axes = Axes("", "", zone(actor), span=(window.since, window.until))
    rates = buckets.assign(**{name: buckets[name] / buckets["minutes"] for name in CLASSES})
    titles = {name: f"{first}xx" for name, first in CLASSES.items()}
    with st.container(border=True):
        named = replace(axes, title="Requests by status", unit="per minute")
        figure = charts.steps(rates, "bucket", titles, named, every=window.step, colours=COLOURS)
        zooming.into(actor, charts.clicked(figure, "rate"), window.step)
    left, right = st.columns(2)
    with left.container(border=True):
        failing = charts.steps(
            buckets, "bucket", {"error_ratio": "Error rate"}, replace(axes, title="Error rate", unit="%", scale=100),
            every=window.step, colours=(TONES["down"],),
        )  # fmt: skip
        zooming.into(actor, charts.clicked(failing, "failing"), window.step)
    with right.container(border=True):
        names = {name: name for name in QUANTILES}
        charts.show(charts.line(buckets, "bucket", names, replace(axes, title="Duration", unit="ms")), "durations")


def statuses(actor: Actor, filters: Filters, span: TimeRange) -> None:
    """How often each status was answered; a click shows those of its class."""
    frame = breakdowns.by_status(actor, filters, span.since, span.until)
    with st.container(border=True):
        figure = charts.bars(frame, "status", "requests", Axes("Answers by status", "requests", height=200))
        whole = frame["requests"].sum()
        figure.update_traces(
            text=[f"{count:,} ({_share(count / whole)})" for count in frame["requests"]], textposition="outside",
            cliponaxis=False, marker_color=[_COLOUR_OF.get(status[0], TONES["unknown"]) for status in frame["status"]],
        )  # fmt: skip
        point = charts.clicked(figure, "statuses")
    if point is not None:
        narrow(status=str(point["x"])[0])


def _share(ratio: float) -> str:
    return percent(ratio, 2) if ratio >= 0.0001 else "under 0.01%"

"""How a monitor was over the chosen time: response times, states, and since when, how long and why."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.health.monitors import queries
from core.kernel.actor import Actor
from core.kernel.rollups import Grain
from core.kernel.times import utc_now
from pages._parts import charts, time_range
from pages._parts.charts import Axes
from pages._parts.frame import live, zone
from pages._parts.time_range import STEPS, TimeRange
from pages.health._monitors import changed, strip, texts

LINES = {"p50": "p50", "p95": "p95", "p99": "p99"}


@live("10s")
def show(actor: Actor, monitor: dict[str, Any], chosen: TimeRange) -> None:
    """Chart, strip and table of the time; one that ends now goes on."""
    span = _present(chosen)
    course = queries.course(actor, monitor["id"], since=span.since, until=span.until, grain=span.grain)
    changes = queries.changes(actor, monitor["id"], since=span.since, until=span.until)
    _availability(actor, monitor, span)
    with st.container(border=True):
        _times(actor, monitor, course, span)
        strip.show(actor, changes, course, span)
    changed.show(actor, changes, span)


def _present(chosen: TimeRange) -> TimeRange:
    if not chosen.is_live:
        return chosen
    return replace(chosen, until=utc_now())


def _availability(actor: Actor, monitor: dict[str, Any], span: TimeRange) -> None:
    found = queries.availability(actor, monitor["id"], since=span.since, until=span.until)
    st.subheader(f"In {span.label}", anchor=False)
    if found.available_ratio is None:
        st.caption(_NOTHING[texts.nothing(found.unobserved_ratio)])
        return
    parts = [f"Available **{texts.share(found.available_ratio, 3)}** of the observed time"]
    parts += [f"down {_length(found.down_s)}"] if found.down_s else []
    parts += [f"degraded {_length(found.degraded_s)}, which counts as available"] if found.degraded_s else []
    parts += [f"maintenance {_length(found.excluded_s)}, which does not count"] if found.excluded_s else []
    unobserved = texts.share(found.unobserved_ratio or 0, 1)
    st.caption("; ".join(parts) + f". **{unobserved} of the time was not observed** (grey).")


_NOTHING = {
    "nothing observed": "**Nothing was observed**, so nothing can be said about this time.",
    "maintenance only": "All that was observed was in maintenance that does not count.",
    "not to be checked": "It was not to be checked in this time.",
}  # fmt: skip


def _length(seconds: float) -> str:
    return texts.length(timedelta(seconds=seconds))


def _times(actor: Actor, monitor: dict[str, Any], course: pd.DataFrame, span: TimeRange) -> None:
    """Percentiles of the response time; a click shows that time closer."""
    if course["p50"].notna().sum() == 0:
        none = (
            "A push says nothing of response times." if monitor["kind"] == "push" else "No response time in this time."
        )
        st.caption(none)
        return
    step = STEPS[span.grain]
    frame = charts.at_every(course, "bucket", step)
    axes = Axes("Response time", f"ms, by {span.grain}", zone(actor), span=(span.since, span.until))
    point = charts.clicked(strip.aligned(charts.line(frame, "bucket", LINES, axes)), "monitor_times")
    if point is not None and span.grain != "minute":
        _closer(pd.Timestamp(point["x"]).tz_localize(zone(actor)), span.grain)


def _closer(at: pd.Timestamp, grain: Grain) -> None:
    """From days to the day and the ones beside it, from hours to the hour and those beside it."""
    moment, step = at.tz_convert("UTC").to_pydatetime(), STEPS[grain]
    time_range.zoom(moment - step, min(moment + 2 * step, utc_now()))

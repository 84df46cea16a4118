"""How much one key is used."""

from datetime import UTC, timedelta
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.platform.keys import queries
from core.platform.keys.queries import Step
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import zone

SPANS: dict[str, tuple[timedelta, Step]] = {
    "48 hours": (timedelta(hours=48), "hour"), "30 days": (timedelta(days=30), "day"), "90 days": (timedelta(days=90), "day"),
}  # fmt: skip
LINES = {"calls": "Calls", "refused": "Refused (4xx)", "failed": "Failed (5xx)"}


def show(actor: Actor, key: dict[str, Any]) -> None:
    """Calls over time; days are those of UTC. A sentence when there was none."""
    st.subheader("Usage", anchor=False)
    chosen = st.segmented_control(
        "Time",
        list(SPANS),
        default="30 days",
        key="span",
        bind="query-params",
        label_visibility="collapsed",
        required=True,
    )
    span, step = SPANS[chosen]
    now = utc_now()
    frame = queries.usage(actor, key["id"], since=now - span, step=step, now=now)
    if not frame["calls"].sum():
        st.info(f"Not called in the last {chosen}. Calls show here within a minute.", icon=":material/inbox:")
        return
    total, limited = int(frame["calls"].sum()), int(frame["limited"].sum())
    over = f", {limited:,} of them over the limit" if limited else ""
    refused, failed = int(frame["refused"].sum()), int(frame["failed"].sum())
    st.caption(f"{total:,} calls in {chosen}: {refused:,} refused{over}, {failed:,} failed.")
    title = "Calls an hour" if step == "hour" else "Calls a day (UTC; the last one is not over)"
    axes = Axes(title, "", zone=zone(actor) if step == "hour" else UTC)
    colours = (charts.LINES[0], charts.TONES["degraded"], charts.TONES["down"])
    charts.show(charts.line(frame, "bucket", LINES, axes, colours=colours), "usage")

"""How the portal served its last hour, refreshed every 10 s."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.health import demo
from core.health.requests import queries
from core.health.requests.queries import Hour
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN, ago, clock, milliseconds, percent

STALE = timedelta(minutes=2)  # passes run every 10 s
AROUND = timedelta(minutes=5)


@live("10s")
def show(actor: Actor) -> None:
    """Figures and charts of page runs and API calls."""
    hour, now = queries.last_hour(actor), utc_now()
    st.subheader("Requests of the last hour", anchor=False)
    _as_of(actor, hour, now)
    _figures(actor, hour)
    if not hour.requests:
        st.info("No page was opened and the API was not called in the last hour.", icon=":material/inbox:")
        return
    _charts(actor, hour.minutes)
    _routes(hour.routes.head(8))


def _as_of(actor: Actor, hour: Hour, now: datetime) -> None:
    if hour.rolled_up_at is None:
        st.warning(
            "No request has been counted yet: rollups have never run. Start the jobs process.",
            icon=":material/schedule:",
        )
        return
    at = clock(hour.rolled_up_at, zone(actor), now=now)
    if now - hour.rolled_up_at > STALE:
        st.warning(
            f"These figures are from {at}: nothing was counted since. See Workers above.", icon=":material/schedule:"
        )
        return
    seeded = demo.seeded_at(actor)
    is_demo = seeded is not None and now - seeded < timedelta(hours=1)
    also = f" :material/science: Those before {seeded:%H:%M} UTC are demo data." if seeded and is_demo else ""
    st.caption(f"Page runs and API calls, counted up to {at} ({ago(now - hour.rolled_up_at)}).{also}")


def _figures(actor: Actor, hour: Hour) -> None:
    full = hour.minutes["requests"].iloc[-5:]
    rate = f"{full.mean():,.1f}" if len(full) and hour.rolled_up_at else UNKNOWN
    with st.grid(6, gap="small", min_column_width=140):
        st.metric("Error rate", percent(hour.error_ratio, 2), border=True, help="Answers with a server error (5xx).")
        st.metric("p50", milliseconds(hour.p50), border=True, help="Half of the requests were faster.")
        st.metric("p95", milliseconds(hour.p95), border=True, help="19 of 20 requests were faster.")
        st.metric("p99", milliseconds(hour.p99), border=True, help="99 of 100 requests were faster.")
        st.metric("Requests a minute", rate, border=True, help="Mean of the last five full minutes.")
        st.metric(
            "Active operators", queries.active_operators(actor), border=True,
            help="Opened a page or called the API in the last 15 minutes.",
        )  # fmt: skip


def _charts(actor: Actor, minutes: pd.DataFrame) -> None:
    left, right = st.columns(2)
    counted = {"requests": "Requests", "errors": "Errors"}
    axes = Axes("Requests and errors", "per minute", zone(actor))
    figure = charts.line(minutes, "bucket", counted, axes, colours=(charts.LINES[0], charts.TONES["down"]))
    with left.container(border=True):
        _drill(actor, charts.clicked(figure, "requests"))
    names = {name: name for name in queries.QUANTILES}
    with right.container(border=True):
        _drill(
            actor,
            charts.clicked(charts.line(minutes, "bucket", names, Axes("Duration", "ms", zone(actor))), "durations"),
        )


def _drill(actor: Actor, point: dict[str, Any] | None) -> None:
    """A click opens the ten minutes about the point on the page of requests."""
    if point is not None:
        at = pd.Timestamp(point["x"]).tz_localize(zone(actor)).tz_convert("UTC")
        ends = {"from": at - AROUND, "to": at + AROUND}
        st.switch_page("health/requests.py", query_params={name: f"{end:%Y-%m-%dT%H:%M}" for name, end in ends.items()})


def _routes(routes: pd.DataFrame) -> None:
    st.markdown("**Slowest routes of the last hour**")
    duration = {
        name: st.column_config.NumberColumn(f"{name} (ms)", format="%.0f", width="small") for name in queries.QUANTILES
    }
    columns: dict[str, Any] = {"route": "Route", "requests": "Requests", "errors": "Errors", **duration}
    event = st.dataframe(
        routes, column_config=columns, hide_index=True, key="slowest", on_select="rerun", selection_mode="single-row"
    )
    if event.selection.rows:
        route = str(routes["route"].iloc[event.selection.rows[0]])
        st.switch_page("health/requests.py", query_params={"route": route, "range": "1h"})

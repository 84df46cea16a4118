"""How a host and its PostgreSQL were over the chosen time; a click shows that time closer."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.database import queries as database
from core.health.servers import queries
from core.kernel.actor import Actor
from core.kernel.rollups import Grain
from core.kernel.times import utc_now
from pages._parts import charts, time_range
from pages._parts.charts import Axes, Span
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN, clock, percent, size
from pages._parts.time_range import STEPS, TimeRange

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def _grain(chosen: TimeRange) -> Grain:
    """A day by the minute: a browser draws 1,440 points at once, and a burst is minutes long."""
    return "minute" if chosen.until - chosen.since <= DAY + timedelta(hours=1) else chosen.grain


def _present(chosen: TimeRange, last: datetime) -> TimeRange:
    """A time that ends now goes on; for a host that is silent it ends with its last report."""
    if not chosen.is_live:
        return chosen
    until, length = min(utc_now(), last) + MINUTE, chosen.until - chosen.since
    return replace(chosen, since=until - length, until=until)


@live("10s")
def host(actor: Actor, server_id: UUID, chosen: TimeRange) -> None:
    """CPU, memory, disk, network and connections."""
    now, last = utc_now(), queries.one(actor, server_id)["last_seen_at"]
    span, grain = _present(chosen, last), _grain(chosen)
    is_late = chosen.is_live and now - last > timedelta(hours=1)
    st.subheader(f"In {span.label}" + (" before its last report" if is_late else ""), anchor=False)
    frame = queries.history(actor, server_id, since=span.since, until=span.until, grain=grain)
    if frame.empty:
        st.info(_none(chosen), icon=":material/hourglass_top:")
        return
    whole, drawn = (
        charts.at_every(frame, "bucket", STEPS[grain]),
        charts.covered(frame, "bucket", span.since, span.until),
    )
    if drawn[0] > span.since + STEPS[grain]:
        st.caption(f"Its figures begin at {clock(frame['bucket'].iloc[0], zone(actor), now=now)}.")
    _use(actor, whole, drawn, grain)
    _traffic(actor, whole, drawn, grain)


def _none(chosen: TimeRange) -> str:
    if chosen.is_live:
        return "Nothing is known of this time. New figures are summed up every 30 s."
    return "Nothing is known of this time: the host did not report, or its figures are no longer kept."


def _use(actor: Actor, frame: pd.DataFrame, span: Span, grain: Grain) -> None:
    use = Axes("CPU", "%", zone(actor), scale=100, top=100, span=span)
    cpu = charts.line(frame, "bucket", {"cpu_ratio": "Mean", "cpu_ratio_max": "Highest"}, use)
    held = {"memory_ratio": "Memory", "disk_ratio": "Fullest disk"}
    _pair(actor, cpu, charts.line(frame, "bucket", held, replace(use, title="Memory and disk")), "use", grain)


def _traffic(actor: Actor, frame: pd.DataFrame, span: Span, grain: Grain) -> None:
    rates = {"network_in_rate": "In", "network_out_rate": "Out"}
    network = charts.line(frame, "bucket", rates, Axes("Network", "KiB/s", zone(actor), scale=1 / 1024, span=span))
    open_now = Axes("Open connections", "number", zone(actor), span=span)
    _pair(actor, network, charts.line(frame, "bucket", {"open_connections": "Connections"}, open_now), "traffic", grain)


def _pair(actor: Actor, left: Any, right: Any, key: str, grain: Grain) -> None:
    for column, figure, side in zip(st.columns(2), (left, right), ("left", "right"), strict=True):
        with column.container(border=True):
            point = charts.clicked(figure, f"{key}_{side}")
        if point is not None:
            _closer(pd.Timestamp(point["x"]).tz_localize(zone(actor)), grain)


def _closer(at: pd.Timestamp, grain: Grain) -> None:
    """The half hour, six hours or three days about the point."""
    around = {"minute": timedelta(minutes=15), "hour": timedelta(hours=3), "day": timedelta(days=1, hours=12)}[grain]
    moment = at.tz_convert("UTC").to_pydatetime()
    time_range.zoom(moment - around, min(moment + around, utc_now()))


@live("10s")
def postgresql(actor: Actor, chosen: TimeRange) -> None:
    """The database's own figures, now and in the chosen time."""
    st.subheader("PostgreSQL", anchor=False)
    now, last = utc_now(), database.latest(actor)
    if last is None:
        st.info("The database's figures have not been read yet.", icon=":material/hourglass_top:")
        return
    st.caption(f"The portal's database, as of {clock(last['measured_at'], zone(actor), now=now)}.")
    _figures(last)
    span, grain = _present(chosen, now), _grain(chosen)
    frame = database.history(actor, since=span.since, until=span.until, grain=grain)
    if frame.empty:
        return
    whole, drawn = (
        charts.at_every(frame, "bucket", STEPS[grain]),
        charts.covered(frame, "bucket", span.since, span.until),
    )
    rate = Axes("Transactions", "per second", zone(actor), span=drawn)
    connections = Axes("Connections", "number", zone(actor), span=drawn)
    _pair(
        actor, charts.line(whole, "bucket", {"transactions_rate": "Transactions"}, rate),
        charts.line(whole, "bucket", {"connections": "Connections"}, connections), "database", grain,
    )  # fmt: skip


def _figures(last: dict[str, Any]) -> None:
    rate, longest = last["transactions_rate"], last["longest_query_s"]
    with st.grid(6, gap="small", min_column_width=140):
        st.metric("Connections", f"{last['connections']:,} of {last['max_connections']:,}", border=True)
        st.metric("Transactions", UNKNOWN if rate is None else f"{rate:,.1f}/s", border=True)
        st.metric("Cache hits", percent(last["cache_hit_ratio"], 2), border=True)
        st.metric("Size", size(last["size_bytes"]), border=True)
        st.metric("Longest query", "None" if longest is None else f"{longest:,.1f} s", border=True)
        st.metric("Deadlocks", f"{last['deadlocks']:,}", border=True, help="Since the database's statistics began.")

"""One host: now, its cores and disks, its last 24 hours, and PostgreSQL's own figures."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.database import queries as database
from core.health.servers import queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN, clock, percent, size
from pages.health._servers import gauges

MINUTE = timedelta(minutes=1)


def show(actor: Actor, key: str) -> None:
    """The host with that id, or a sentence when there is none."""
    st.page_link("health/servers.py", label="All servers", icon=":material/arrow_back:")
    try:
        server = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This server is not known here. Go back to the list.", icon=":material/search_off:")
        return
    st.header(server["name"], anchor=False)
    _facts(actor, server)
    _now(actor, server["id"])
    _day(actor, server["id"])
    if not server["is_demo"]:
        _postgresql(actor)


def _facts(actor: Actor, server: dict[str, Any]) -> None:
    facts, booted = server["facts"], datetime.fromisoformat(server["facts"]["booted_at"])
    st.caption(
        f"{facts['system']} · {facts['processor']} · {facts['cores']} cores · {size(facts['memory_bytes'])} memory · "
        f"up since {clock(booted, zone(actor), now=utc_now())}"
    )


@live("5s")
def _now(actor: Actor, server_id: UUID) -> None:
    server, now = queries.one(actor, server_id), utc_now()
    gauges.reported(actor, server, now)
    if server["measured_at"] is None:
        return
    if server["state"] == "silent":
        st.caption(gauges.last_known(server))
    gauges.draw(server)
    _last_report(server)
    _cores_and_disks(actor, server)


def _last_report(server: dict[str, Any]) -> None:
    known = server if server["state"] != "silent" else {}
    load, connections = known.get("load_average"), known.get("open_connections")
    with st.grid(4, gap="small", min_column_width=160):
        st.metric("Load average (1 min)", UNKNOWN if load is None else f"{load:.2f}", border=True)
        st.metric("Open connections", UNKNOWN if connections is None else f"{connections:,}", border=True)
        st.metric("Memory used", size(known.get("memory_used_bytes")), border=True)
        st.metric("Swap used", size(known.get("swap_used_bytes")), border=True)


def _cores_and_disks(actor: Actor, server: dict[str, Any]) -> None:
    left, right = st.columns(2)
    cores = pd.DataFrame(
        {"core": [str(number) for number in range(len(server["core_ratios"]))], "ratio": server["core_ratios"]}
    )
    when = (
        "" if server["state"] == "reporting" else f", as of {clock(server['measured_at'], zone(actor), now=utc_now())}"
    )
    with left.container(border=True):
        charts.show(charts.bars(cores, "core", "ratio", Axes(f"Load by core{when}", "%", scale=100, top=100)), "cores")
    with right.container(border=True, height="stretch"):
        st.markdown(f"**Disks{when}**")
        for disk in server["disks"]:
            told = f"`{disk['mount']}` {size(disk['used_bytes'])} of {size(disk['total_bytes'])} ({percent(disk['used_ratio'])})"
            st.progress(min(disk["used_ratio"], 1.0), text=told)


@live("10s")
def _day(actor: Actor, server_id: UUID) -> None:
    now = utc_now()
    until = min(now, queries.one(actor, server_id)["last_seen_at"]) + MINUTE
    begin = until - timedelta(days=1)
    frame = charts.at_every(queries.history(actor, server_id, since=begin, until=until), "bucket", MINUTE)
    title = "The last 24 hours" if now - until < timedelta(hours=1) else "The 24 hours before its last report"
    st.subheader(title, anchor=False)
    if frame.empty:
        st.info("Its figures have not been summed up yet; that happens every 30 s.", icon=":material/hourglass_top:")
        return
    where, span = zone(actor), charts.covered(frame, "bucket", begin, until)
    if span[0] > begin:
        st.caption(f"Its figures begin at {clock(frame['bucket'].iloc[0], where, now=now)}.")
    use = Axes("CPU", "%", where, scale=100, top=100, span=span)
    _pair(
        charts.line(frame, "bucket", {"cpu_ratio": "Mean", "cpu_ratio_max": "Highest"}, use),
        charts.line(
            frame,
            "bucket",
            {"memory_ratio": "Memory", "disk_ratio": "Fullest disk"},
            replace(use, title="Memory and disk"),
        ),
        "use",
    )
    network = {"network_in_rate": "In", "network_out_rate": "Out"}
    connections = Axes("Open connections", "number", where, span=span)
    _pair(
        charts.line(frame, "bucket", network, Axes("Network", "KiB/s", where, scale=1 / 1024, span=span)),
        charts.line(frame, "bucket", {"open_connections": "Connections"}, connections),
        "traffic",
    )


def _pair(left: Any, right: Any, key: str) -> None:
    for column, figure, side in zip(st.columns(2), (left, right), ("left", "right"), strict=True):
        with column.container(border=True):
            charts.show(figure, f"{key}_{side}")


@live("10s")
def _postgresql(actor: Actor) -> None:
    st.subheader("PostgreSQL", anchor=False)
    now, last = utc_now(), database.latest(actor)
    if last is None:
        st.info("The database's figures have not been read yet.", icon=":material/hourglass_top:")
        return
    st.caption(f"The portal's database, as of {clock(last['measured_at'], zone(actor), now=now)}.")
    _postgresql_figures(last)
    since = now - timedelta(days=1)
    frame = charts.at_every(database.history(actor, since=since, until=now + MINUTE), "bucket", MINUTE)
    if not frame.empty:
        span = charts.covered(frame, "bucket", since, now)
        rate = Axes("Transactions", "per second", zone(actor), span=span)
        connections = Axes("Connections", "number", zone(actor), span=span)
        _pair(
            charts.line(frame, "bucket", {"transactions_rate": "Transactions"}, rate),
            charts.line(frame, "bucket", {"connections": "Connections"}, connections),
            "database",
        )


def _postgresql_figures(last: dict[str, Any]) -> None:
    rate, longest = last["transactions_rate"], last["longest_query_s"]
    with st.grid(6, gap="small", min_column_width=140):
        st.metric("Connections", f"{last['connections']:,} of {last['max_connections']:,}", border=True)
        st.metric("Transactions", UNKNOWN if rate is None else f"{rate:,.1f}/s", border=True)
        st.metric("Cache hits", percent(last["cache_hit_ratio"], 2), border=True)
        st.metric("Size", size(last["size_bytes"]), border=True)
        st.metric("Longest query", "None" if longest is None else f"{longest:,.1f} s", border=True)
        st.metric("Deadlocks", f"{last['deadlocks']:,}", border=True, help="Since the database's statistics began.")

"""One host: now, its cores and disks, how it was, and PostgreSQL's own figures."""

from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.servers import queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from pages._parts import charts, time_range
from pages._parts.charts import Axes
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN, clock, percent, size
from pages.health._servers import gauges, past


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
    chosen = time_range.choose(actor)
    past.host(actor, server["id"], chosen)
    if not server["is_demo"]:
        past.postgresql(actor, chosen)


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

"""The gauges of one host, and what is said about when it reported."""

from datetime import datetime
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from pages._parts import charts
from pages._parts.frame import zone
from pages._parts.moments import ago, clock, percent, size

# Phase 2, section 2.3 names the gauges; the limits are those of the default alert rules (CPU above 80 %).
LIMITS = {
    "cpu_ratio": ("CPU", 0.80, 0.95),
    "memory_ratio": ("Memory", 0.85, 0.95),
    "disk_ratio": ("Fullest disk", 0.85, 0.95),
}


def reported(actor: Actor, server: dict[str, Any], now: datetime) -> None:
    """When the host last reported, as loud as it deserves."""
    at, age = clock(server["last_seen_at"], zone(actor), now=now), ago(now - server["last_seen_at"])
    if server["state"] == "reporting":
        st.caption(f"Reported {age}.")
    elif server["is_demo"]:
        st.caption(f":material/science: Demo server, not reporting since {at}. Its past is demo data.")
    else:
        st.warning(
            f"Not reporting since {at} ({age}). What it does now is not known.", icon=":material/signal_disconnected:"
        )


def draw(server: dict[str, Any]) -> None:
    """CPU, memory and disk as gauges, network as figures; of a silent host none of these is known."""
    is_known = server["state"] != "silent"
    columns = st.columns(4)
    for column, (name, (title, warn, alarm)) in zip(columns, LIMITS.items(), strict=False):
        value = server[name] if is_known else None
        with column:
            charts.show(charts.gauge(value, title=title, warn=warn, alarm=alarm), f"{name}_{server['id']}")
    with columns[3]:
        _network(server if is_known else {})


def _network(server: dict[str, Any]) -> None:
    st.metric("Network in", size(server.get("network_in_rate"), "/s"))
    st.metric("Network out", size(server.get("network_out_rate"), "/s"))


def last_known(server: dict[str, Any]) -> str:
    """The figures of the last report, for a host that is silent."""
    if server["measured_at"] is None:
        return "It never sent figures."
    parts = [f"{title} {percent(server[name], 0)}" for name, (title, _, _) in LIMITS.items()]
    return f"In its last report: {', '.join(parts)}."

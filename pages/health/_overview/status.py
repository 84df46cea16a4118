"""The banner and a card for each component, refreshed every 5 s."""

from typing import Literal

import pandas as pd
import streamlit as st

from core.health.components import queries
from core.health.components.queries import Component, Health
from core.health.components.rules import Status
from core.kernel.actor import Actor
from pages._parts import charts
from pages._parts.frame import live, zone
from pages._parts.moments import ago, clock

Colour = Literal["green", "orange", "red", "gray"]
BADGES: dict[Status, tuple[str, str, Colour]] = {
    "healthy": ("Healthy", ":material/check_circle:", "green"),
    "degraded": ("Degraded", ":material/warning:", "orange"),
    "down": ("Down", ":material/error:", "red"),
    "not_configured": ("Not configured", ":material/do_not_disturb_on:", "gray"),
    "unknown": ("Unknown", ":material/help:", "gray"),
}


@live("5s")
def show(actor: Actor) -> None:
    """What is known this moment."""
    health, latencies = queries.current(actor), queries.latencies(actor)
    _banner(health)
    with st.grid(4, gap="small", min_column_width=230):
        for component in health.components:
            _card(actor, health, component, latencies[latencies["component"] == component.name])


def _banner(health: Health) -> None:
    told = _sentence(health)
    match health.status:
        case "healthy":
            st.success(told, icon=":material/check_circle:")
        case "degraded":
            st.warning(told, icon=":material/warning:")
        case "down":
            st.error(told, icon=":material/error:")
        case _:
            st.info(told, icon=":material/help:")


def _sentence(health: Health) -> str:
    first = {
        "healthy": "**Everything that is checked works.**",
        "degraded": f"**Degraded:** {_titles(health, 'degraded')}.",
        "down": f"**Down:** {_titles(health, 'down')}.",
    }.get(health.status, "**Nothing is known about the portal's health.** No check has run in the last 90 seconds.")
    also = f" Degraded: {_titles(health, 'degraded')}." if health.status == "down" and health.of("degraded") else ""
    excluded = [
        f"{', '.join(names)} ({status.replace('_', ' ')})" for status, names in health.excluded.items() if names
    ]
    return first + also + (f" Not counted: {'; '.join(excluded)}." if excluded else "")


def _titles(health: Health, status: Status) -> str:
    return ", ".join(one.title for one in health.of(status))


def _card(actor: Actor, health: Health, component: Component, latencies: pd.DataFrame) -> None:
    finding = component.finding
    label, icon, colour = BADGES[finding.status]
    with st.container(border=True, height="stretch", gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{component.title}**")
            st.badge(label, icon=icon, color=colour)
        st.caption(f"{finding.detail}{_looked(actor, health, component)}")
        if finding.status not in ("unknown", "not_configured") and latencies["latency_ms"].notna().sum() > 1:
            course = charts.at_every(latencies, "bucket", pd.Timedelta(minutes=1))
            charts.sparkline(course, "bucket", "latency_ms", key=f"spark_{component.name}", tone=finding.status)
            st.caption(f":small[Latency (ms), 60 minutes; highest {latencies['latency_ms'].max():,.1f}]")


def _looked(actor: Actor, health: Health, component: Component) -> str:
    if component.checked_at is None or component.name in queries.LIVE:
        return ""
    if component.finding.status == "unknown":
        return f" Last check: {clock(component.checked_at, zone(actor), now=health.read_at)}."
    return f" Checked {ago(health.read_at - component.checked_at)}."

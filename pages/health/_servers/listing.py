"""All hosts, refreshed every 5 s."""

from datetime import datetime
from typing import Any

import streamlit as st

from core.health.servers import queries
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import live
from pages._parts.moments import size
from pages.health._servers import gauges


@live("5s")
def show(actor: Actor) -> None:
    """A card for each host."""
    found, now = queries.servers(actor), utc_now()
    if not found:
        st.info("No server has reported yet. Each host reports once its jobs process runs.", icon=":material/inbox:")
        return
    for server in found:
        _card(actor, server, now)


def _card(actor: Actor, server: dict[str, Any], now: datetime) -> None:
    facts = server["facts"]
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{server['name']}**")
            _badge(server)
            st.caption(f"{facts['cores']} cores · {size(facts['memory_bytes'])} memory · {facts['system']}")
            st.space("stretch")
            st.page_link(
                "health/servers.py",
                label="Details",
                icon=":material/monitoring:",
                query_params={"server": str(server["id"])},
            )
        gauges.reported(actor, server, now)
        if server["state"] == "silent":
            st.caption(gauges.last_known(server))
        else:
            gauges.draw(server)


def _badge(server: dict[str, Any]) -> None:
    match server["state"]:
        case "reporting":
            st.badge("Reporting", icon=":material/check_circle:", color="green")
        case "late":
            st.badge("Late", icon=":material/warning:", color="orange")
        case _:
            st.badge("Not reporting", icon=":material/help:", color="gray")

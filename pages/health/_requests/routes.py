"""Which routes are slow, fail, or are asked for most."""

import streamlit as st

from core.health.requests import breakdowns
from core.health.requests.filters import Filters
from core.kernel.actor import Actor
from pages._parts.time_range import TimeRange
from pages.health._requests import tables
from pages.health._requests.bar import narrow

NAMED = {
    "route": st.column_config.TextColumn("Route", width=320), "service": st.column_config.TextColumn("Service", width=110),
}  # fmt: skip


def show(actor: Actor, filters: Filters, span: TimeRange) -> None:
    """The first ten; a click shows one of them alone."""
    st.subheader("Endpoints", anchor=False)
    order = tables.order_of("endpoints", "Slowest")
    frame = breakdowns.by_route(actor, filters, span.since, span.until, order=order)
    place = tables.table(frame, NAMED, "routes", order)
    if place is not None:
        tables.forget("routes")
        narrow(route=frame["route"].iloc[place], service=frame["service"].iloc[place])

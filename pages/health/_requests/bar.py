"""Which requests the page is about. What is chosen is in the address, where a click on a row puts it, too."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.health.requests import choices
from core.health.requests.filters import CHANNELS, STATUS_CLASSES, Filters
from core.kernel.actor import Actor
from core.kernel.reads import as_id
from pages._parts.time_range import TimeRange

CHANNEL_TITLES = {"product": "Product", "page": "Portal pages", "api": "Portal API", "web": "Portal files"}
STATUS_TITLES = {"2": "2xx success", "3": "3xx redirection", "4": "4xx refused", "5": "5xx failed"}
FILTERS = ("service", "channel", "route", "tenant", "status")


def choose(actor: Actor, span: TimeRange) -> Filters:
    """Draws the filters; what the address says that cannot be is told and ignored."""
    known = choices.routes(actor, span.since, span.until)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        service = _one("service", "Service", sorted(known["service"].unique()))
        channel = _one("channel", "Channel", CHANNELS, CHANNEL_TITLES.get)
        listed = known[known["service"] == service] if service else known
        route = _one("route", "Route", sorted(listed["route"].unique()))
        tenant = _tenant(actor)
        status = _one("status", "Status", [str(one) for one in STATUS_CLASSES], STATUS_TITLES.get)
        is_narrowed = any(name in st.query_params for name in FILTERS)
        if st.button("Clear", key="clear", icon=":material/filter_alt_off:", disabled=not is_narrowed):
            narrow(**dict.fromkeys(FILTERS, ""))
    tenant_id = as_id(tenant) if tenant else None
    if tenant and tenant_id is None:
        st.caption("The address names no tenant's id; this shows all tenants.")
    return Filters(service, channel, route, tenant_id, int(status) if status in STATUS_TITLES else None)


def narrow(**values: str) -> None:
    """Puts filters into the address, or out of it where empty, and runs the page again."""
    for name, value in values.items():
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)
    st.rerun()


def _tenant(actor: Actor) -> str:
    names = choices.tenants(actor)
    titles = dict(zip(names["id"], names["name"], strict=True))
    return _one("tenant", "Tenant", list(titles), titles.get)


def _one(name: str, label: str, options: Sequence[str], titled: Callable[[str], str | None] = lambda one: one) -> str:
    """One choice or none. A new key for each value of the address: a click elsewhere on the page changes it, too."""
    known = st.query_params.get(name, "")
    offered = [*options, *([known] if known and known not in options else [])]
    chosen = st.selectbox(
        label, offered, offered.index(known) if known else None, key=f"{name}_{known}", placeholder="All",
        format_func=lambda one: titled(one) or one,
    )  # fmt: skip
    if (chosen or "") != known:
        narrow(**{name: chosen or ""})
    return known

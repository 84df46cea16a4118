"""What the tables of routes and tenants share."""

from typing import Any

import pandas as pd
import streamlit as st

from core.health.requests.breakdowns import CANDIDATES, Order
from core.health.requests.percentiles import QUANTILES
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key

ORDERS: dict[str, Order] = {"Slowest": "p95", "Most errors": "errors", "Most requests": "requests"}
FIGURES: dict[str, Any] = {
    "requests": st.column_config.NumberColumn("Requests", format="localized", width=75),
    "errors": st.column_config.NumberColumn("Errors", format="localized", width=75),
    "error_ratio": st.column_config.NumberColumn("Error rate", format="percent", width=75),
    "p50": st.column_config.NumberColumn("p50 (ms)", format="localized", width=75),
    "p95": st.column_config.NumberColumn("p95 (ms)", format="localized", width=75),
    "p99": st.column_config.NumberColumn("p99 (ms)", format="localized", width=75),
    "untimed": st.column_config.NumberColumn(
        "Untimed", format="localized", width=75, help="Requests that did not tell their duration."
    ),
}
EMPTY = {"p95": "No request told its duration.", "errors": "Nothing failed.", "requests": "Nothing was asked."}


def order_of(key: str, default: str) -> Order:
    """The order that is chosen, kept in the address."""
    chosen = st.segmented_control(
        "Order",
        list(ORDERS),
        default=default,
        key=key,
        bind="query-params",
        label_visibility="collapsed",
        required=True,
    )
    return ORDERS[chosen or default]


def table(frame: pd.DataFrame, named: dict[str, Any], name: str, order: Order) -> int | None:
    """Draws the rows; returns the place of the one that was clicked."""
    if frame.empty:
        st.caption(EMPTY[order])
        return None
    whole = {name: frame[name].astype("Float64").round() for name in QUANTILES}
    shown = frame.assign(untimed=frame["requests"] - frame["timed"], **whole)
    event = st.dataframe(
        shown[[*named, *FIGURES]], hide_index=True, key=table_key(name), on_select="rerun", selection_mode="single-row",
        height="content", placeholder=UNKNOWN, column_config=named | FIGURES,
    )  # fmt: skip
    if order == "p95":
        st.caption(f"By p95, out of the {CANDIDATES} with the highest mean.")
    return int(event.selection.rows[0]) if event.selection.rows else None


def forget(name: str) -> None:
    """A new key for the table: the browser would select the row again on the way back."""
    st.session_state[f"{name}_opened"] = st.session_state.get(f"{name}_opened", 0) + 1

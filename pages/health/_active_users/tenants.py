"""Active users by tenant: the most active first; a click shows one tenant's course."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.active import queries
from core.health.active.queries import Sort
from core.kernel.actor import Actor
from pages._parts.moments import UNKNOWN
from pages._parts.time_range import TimeRange
from pages.health._active_users import people

LIMIT = 100
SORTS: dict[Sort, str] = {"daily": "24 h", "weekly": "7 d", "monthly": "30 d"}
_SHOWN = ["tenant", "users", "daily", "weekly", "monthly", "daily_ratio"]


def show(actor: Actor, chosen: TimeRange) -> None:
    """Search, order, the table, and the tenant that is selected."""
    st.subheader("By tenant", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="tenant_text", bind="query-params", placeholder="Name, domain or id", icon=":material/search:",
            width=320,
        )  # fmt: skip
        sort = st.segmented_control(
            "Most active in", list(SORTS), default="daily", key="sort", bind="query-params", required=True,
            format_func=SORTS.__getitem__,
        )  # fmt: skip
    frame = queries.tenants(actor, text=text, sort=sort, limit=LIMIT)
    if frame.empty:
        none = "No tenant's users have been counted yet; that happens every 10 minutes."
        st.info("No tenant matches. Clear the search." if text.strip() else none, icon=":material/inbox:")
        return
    rows = _table(frame)
    if len(frame) == LIMIT:
        st.caption(f"The {LIMIT} most active; search for others.")
    if rows:
        _one(actor, chosen, frame.iloc[rows[0]].to_dict())


def _table(frame: pd.DataFrame) -> list[int]:
    """The table; returns the places of the rows that are selected."""
    most = int(frame["monthly"].max() or 1) if frame["monthly"].notna().any() else 1
    named = frame.assign(tenant=frame["tenant"].fillna(frame["tenant_id"]), daily_ratio=frame["daily_ratio"] * 100)
    event = st.dataframe(
        named[_SHOWN], hide_index=True, key="active_tenants", on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(frame) <= 12 else 460,
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width="large"),
            "users": st.column_config.NumberColumn("Users", help="In service.", format="localized"),
            "daily": st.column_config.NumberColumn("24 h", format="localized"),
            "weekly": st.column_config.NumberColumn("7 d", format="localized"),
            "monthly": st.column_config.ProgressColumn("30 d", format="localized", min_value=0, max_value=most),
            "daily_ratio": st.column_config.NumberColumn("Active in 24 h", help="Of its users.", format="%.0f %%"),
        },
    )  # fmt: skip
    return list(event.selection.rows)


def _one(actor: Actor, chosen: TimeRange, row: dict[Any, Any]) -> None:
    name = str(row["tenant_id"] if pd.isna(row["tenant"]) else row["tenant"])
    people.trend(actor, chosen, tenant_id=UUID(row["tenant_id"]), name=name)
    if actor.may("tenants:read"):
        st.page_link(
            "customers/tenants.py", label=f"Open {name}", icon=":material/apartment:",
            query_params={"tenant": row["tenant_id"]},
        )  # fmt: skip

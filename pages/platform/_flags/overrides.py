"""Tenants that get something of their own, whatever the rules say."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.platform._flags import override, words


def show(actor: Actor, flag: dict[str, Any], environment: dict[str, Any]) -> None:
    """The overrides in sight, and the way to set and clear one."""
    may_change = actor.may("flags:update") and flag["archived_at"] is None
    if may_change and st.button("Set override", key="set_override", icon=":material/add:"):
        override.form(actor, flag, environment["environment"])
    found = queries.overrides(actor, flag_id=flag["id"], environment=environment["environment"])
    found = found.assign(tenant=found["tenant"].fillna(found["tenant_id"]))
    if found.empty:
        st.info("No tenant in sight has an override here.", icon=":material/inbox:")
        return
    chosen = grid(actor, found, first=["tenant"], key="overrides")
    if chosen is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if actor.may("tenants:read"):
            query = {"tenant": str(chosen["tenant_id"])}
            st.page_link(
                "customers/tenants.py", label="Open the tenant", icon=":material/apartment:", query_params=query
            )
        if not may_change:
            return
        if st.button("Change override", key="change_override", icon=":material/edit:"):
            override.form(actor, flag, environment["environment"], chosen)
        if st.button("Clear override", key="clear_override", icon=":material/close:"):
            override.clear(actor, flag, environment["environment"], str(chosen["tenant_id"]), str(chosen["tenant"]))


def grid(actor: Actor, found: pd.DataFrame, *, first: list[str], key: str) -> pd.Series | None:
    """The table; the row that was clicked."""
    here = str(zone(actor))
    shown = found.assign(
        config=found["config"].map(lambda one: words.compact(one) if isinstance(one, dict) and one else None)
    )
    event = st.dataframe(
        shown[[*first, "variant", "config", "expires_at", "reason", "set_by", "created_at"]],
        hide_index=True, key=key, on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN, height="content",
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width="medium"),
            "variant": st.column_config.TextColumn("Variant", width="small", help="None: as targeted, own settings."),
            "config": "Settings", "reason": st.column_config.TextColumn("Why", width="medium"), "set_by": "Set by",
            "expires_at": st.column_config.DatetimeColumn("Until", format="YYYY-MM-DD HH:mm", timezone=here),
            "created_at": st.column_config.DatetimeColumn("Since", format="distance", timezone=here),
        },
    )  # fmt: skip
    return found.iloc[event.selection.rows[0]] if event.selection.rows else None

"""What one tenant has of every feature flag, and the overrides of its own."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.platform._flags import override
from pages.platform._flags.environment import choice


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """The flags of the chosen environment; a click on one offers what can be done with it."""
    st.subheader("Feature flags", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        environment = choice()
        is_own = st.toggle("Overridden only", key="overridden", bind="query-params")
    found = queries.what_has(actor, tenant["id"], environment)
    if found.empty:
        st.caption("There are no feature flags yet.")
        return
    shown = found[found["is_override"]] if is_own else found
    if shown.empty:
        st.caption("This tenant has no override here.")
        return
    chosen = _grid(actor, shown)
    if chosen is None:
        st.caption("Select a flag to open or override it for this tenant.")
    else:
        _acts(actor, tenant, chosen, environment)


def _grid(actor: Actor, found: pd.DataFrame) -> pd.Series | None:
    own = found["is_override"].map({True: "Override", False: None})
    event = st.dataframe(
        found.assign(own=own)[["name", "key", "variant", "value", "own", "expires_at", "sentence"]],
        hide_index=True, key="tenant_flags", on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(found) < 10 else 380,
        column_config={
            "name": st.column_config.TextColumn("Flag", width=200),
            "key": st.column_config.TextColumn("Key", width=150),
            "variant": st.column_config.TextColumn("Variant", width=90),
            "value": st.column_config.TextColumn("Value", width=90),
            "own": st.column_config.TextColumn("Override", width=80),
            "expires_at": st.column_config.DatetimeColumn("Until", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))),
            "sentence": st.column_config.TextColumn("Why", width="large"),
        },
    )  # fmt: skip
    return found.iloc[event.selection.rows[0]] if event.selection.rows else None


def _acts(actor: Actor, tenant: dict[str, Any], chosen: pd.Series, environment: str) -> None:
    flag_id = UUID(str(chosen["flag_id"]))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "platform/flags.py", label="Open the flag", icon=":material/flag:",
            query_params={"flag": str(flag_id), "env": environment.capitalize()},
        )  # fmt: skip
        if not actor.may("flags:update"):
            return
        label = "Change override" if chosen["is_override"] else "Override for this tenant"
        if st.button(label, key="override", icon=":material/edit:"):
            override.form(
                actor,
                queries.one(actor, flag_id),
                environment,
                _own(actor, tenant, flag_id, environment),
                str(tenant["id"]),
            )
        if chosen["is_override"] and st.button("Clear override", key="clear_override", icon=":material/close:"):
            override.clear(actor, queries.one(actor, flag_id), environment, str(tenant["id"]), tenant["name"])


def _own(actor: Actor, tenant: dict[str, Any], flag_id: UUID, environment: str) -> pd.Series | None:
    found = queries.overrides(actor, flag_id=flag_id, tenant_id=tenant["id"], environment=environment)
    return None if found.empty else found.iloc[0]

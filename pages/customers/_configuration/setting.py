"""One setting of one tenant: its layers, what can be done, and how it came to be."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import streamlit as st

from core.customers.configuration import queries
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.customers._configuration import editor, words


def show(actor: Actor, tenant_id: UUID, row: Mapping[Any, Any]) -> None:
    """The setting that the address names, above the list."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{row['title']}** · `{row['key']}`")
            if st.button("Close", key="setting_close", icon=":material/close:", type="tertiary"):
                editor.dialogs.close()
                st.query_params.pop("setting", None)
                st.rerun()
        st.caption(row["about"])
        _marks(row)
        _layers(row)
        _override(actor, row)
        with st.container(horizontal=True):
            editor.buttons(actor, tenant_id, row)
        if row["waiting"]:
            st.page_link(
                "customers/configuration.py", label="A request for this setting waits", icon=":material/rate_review:",
                query_params={"view": "Requests", "tenant": str(tenant_id)},
            )  # fmt: skip
        _history(actor, tenant_id, row["key"])


def _marks(row: Mapping[Any, Any]) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if row["sensitivity"] != "normal":
            st.badge(row["sensitivity"].capitalize(), icon=":material/shield:", color="violet")
        if row["control"] == "limited":
            st.badge("Limited", icon=":material/rate_review:", color="orange", help=words.LIMITED)


def _layers(row: Mapping[Any, Any]) -> None:
    """Default, plan, override: the last one that says something counts, and is marked."""
    shown = {"default": row["default"], "plan": row["plan_value"], "override": row["value"] if row["version"] else None}
    with st.container(horizontal=True):
        for source, value in shown.items():
            mark = " :material/check_circle:" if source == row["source"] else ""
            st.metric(words.SOURCES[source] + mark, _layer(row, source, value), border=True)


def _layer(row: Mapping[Any, Any], source: str, value: Any) -> str:
    if row["sensitivity"] == "secret":
        return "Set" if source == "override" and row["is_set"] else "Not set"
    return words.value(value, row["unit"])


def _override(actor: Actor, row: Mapping[Any, Any]) -> None:
    if not row["version"]:
        return
    who = (
        f"{row['set_by_name']}, approved by {row['approved_by_name']}"
        if row["approved_by_name"]
        else row["set_by_name"]
    )
    until = words.until(row["expires_at"], zone(actor))
    st.caption(f"{plain(row['reason'])} · {plain(who)} · {until}")


def _history(actor: Actor, tenant_id: UUID, key: str) -> None:
    found = queries.history(actor, tenant_id, key=key, limit=20).frame
    if found.empty:
        st.caption("This setting was never overridden for this tenant.")
        return
    shown = found.assign(
        change=found["change"].map(words.CHANGES),
        before=[words.of_key(key, one) for one in found["before"]],
        after=[words.of_key(key, one) for one in found["after"]],
    )
    st.dataframe(
        shown[["at", "change", "before", "after", "by_name", "approved_by_name", "reason"]], hide_index=True,
        key="setting_history", placeholder=UNKNOWN, height="content" if len(found) < 8 else 300,
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))),
            "change": st.column_config.TextColumn("Change", width=90), "before": "Before", "after": "After",
            "by_name": "By", "approved_by_name": "Approved by",
            "reason": st.column_config.TextColumn("Why", width="large"),
        },
    )  # fmt: skip

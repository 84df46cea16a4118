"""The catalogue of events: what there is to hear, with schemas and samples."""

import json

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.webhooks import testing
from core.platform.webhooks.catalogue import EventType, catalogue, schema_of
from pages._parts.moments import UNKNOWN
from pages.platform._webhooks import texts

_TENANTS, _ALL = "Tenants and the platform", "The platform alone"


def show(actor: Actor) -> None:
    """Search, the table, and the event that is selected."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            key="event_text",
            bind="query-params",
            placeholder="suspend, api_keys …",
            icon=":material/search:",
            width=320,
        )
        who = st.selectbox(
            "Who may hear it", [_TENANTS, _ALL], None, key="hearers", bind="query-params", placeholder="Any", width=240
        )
    found = [kind for kind in catalogue().values() if _fits(kind, text, who)]
    if not found:
        st.info("No event matches. Clear a filter, or search for something else.", icon=":material/inbox:")
        return
    st.caption(
        f"{texts.count(len(found), 'event')}. They come from the code that causes them, so the list is never out of date."
    )
    event = st.dataframe(
        _shown(found), hide_index=True, key=f"catalogue_{text}_{who}", on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height=380 if len(found) > 10 else "content",
        column_config={
            "name": st.column_config.TextColumn("Event", width="medium"), "entity": "About",
            "summary": st.column_config.TextColumn("What happened", width="large"),
            "who": "Who may hear it", "version": st.column_config.NumberColumn("Version", width="small"),
        },
    )  # fmt: skip
    if event.selection.rows:
        _one(found[event.selection.rows[0]])
    else:
        st.caption("Select an event to see its schema and a sample.")


def _fits(kind: EventType, text: str, who: str | None) -> bool:
    wanted = text.strip().lower()
    is_named = wanted in kind.name or wanted in kind.summary.lower()
    return is_named and (who is None or kind.for_tenants == (who == _TENANTS))


def _shown(found: list[EventType]) -> pd.DataFrame:
    return pd.DataFrame({
        "name": [kind.name for kind in found],
        "summary": [kind.summary for kind in found],
        "entity": [kind.entity.replace("_", " ") if kind.entity else None for kind in found],
        "who": [_TENANTS if kind.for_tenants else _ALL for kind in found],
        "version": [kind.version for kind in found],
    })  # fmt: skip


def _one(kind: EventType) -> None:
    st.subheader(kind.name, anchor=False)
    st.write(texts.plain(kind.summary))
    left, right = st.columns(2)
    with left:
        st.markdown("**A sample**")
        st.code(texts.pretty(testing.sample_of(kind.name)), language="json", wrap_lines=True)
    with right:
        st.markdown("**JSON Schema**")
        st.code(json.dumps(schema_of(kind), indent=2), language="json", wrap_lines=True, height=420)

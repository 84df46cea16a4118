"""Segments: named audiences that rules of several flags share."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from pages._parts.frame import zone
from pages.platform._flags import segment as segment_of
from pages.platform._flags import tenants, words


def show(actor: Actor, _: str) -> None:
    """The segments; a click shows what can be done with one."""
    if actor.may("flags:create") and st.button(
        "Create segment", key="create_segment", type="primary", icon=":material/add:"
    ):
        segment_of.start(actor, None)
    found = queries.segments(actor)
    if found.empty:
        st.info("There are no segments yet. Rules can name conditions of their own meanwhile.", icon=":material/inbox:")
        return
    names = tenants.names(actor)
    shown = found.assign(
        told=[told(match, given, names) for match, given in zip(found["match"], found["conditions"], strict=True)]
    )
    event = st.dataframe(
        shown[["name", "key", "told", "used_by", "updated_at"]],
        hide_index=True, key="segments", on_select="rerun", selection_mode="single-row", height="content",
        column_config={
            "name": st.column_config.TextColumn("Segment", width="medium"), "key": "Key",
            "told": st.column_config.TextColumn("Who is in it", width="large"),
            "used_by": st.column_config.ListColumn("Used by"),
            "updated_at": st.column_config.DatetimeColumn("Changed", format="distance", timezone=str(zone(actor))),
        },
    )  # fmt: skip
    if event.selection.rows:
        _one(actor, found.iloc[event.selection.rows[0]])


def told(match: str, given: list[dict[str, Any]], names: dict[str, str]) -> str:
    return (" and " if match == "all" else " or ").join(words.condition(one, names) for one in given) or "everybody"


def _one(actor: Actor, segment: pd.Series) -> None:
    with st.container(border=True):
        st.markdown(f"**{words.plain(segment['name'])}** · `{segment['key']}`")
        if segment["description"]:
            st.caption(words.plain(segment["description"]))
        st.markdown(words.plain(told(segment["match"], segment["conditions"], tenants.names(actor))))
        used = list(segment["used_by"])
        st.caption(f"Used by {', '.join(f'`{key}`' for key in used)}." if used else "No flag uses it.")
        with st.container(horizontal=True):
            if actor.may("flags:update") and st.button("Edit", key="edit_segment", icon=":material/edit:"):
                segment_of.start(actor, segment)
            if actor.may("flags:delete") and st.button(
                "Delete",
                key="delete_segment",
                icon=":material/delete:",
                disabled=bool(used),
                help="A segment in use cannot be deleted." if used else None,
            ):
                segment_of.delete(actor, segment)

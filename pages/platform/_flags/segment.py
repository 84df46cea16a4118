"""Making, editing and deleting one segment."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import actions
from pages._parts.frame import run_action
from pages.platform._flags import conditions, draft, words

MATCHES = {"all": "all of these", "any": "any of these"}


def start(actor: Actor, segment: pd.Series | None) -> None:
    given = [] if segment is None else segment["conditions"]
    st.session_state["segment_conditions"] = draft.with_uids(list(given)) or [
        draft.row(attribute="plan", operator="in", values=[])
    ]
    form(actor, segment)


@st.dialog("Segment", width="large", icon=":material/group:")
def form(actor: Actor, segment: pd.Series | None) -> None:
    """Name, whether all or any of the conditions count, and the conditions."""
    rows = st.session_state.setdefault("segment_conditions", [])
    known: dict[str, Any] = (
        {"key": "", "name": "", "description": "", "match": "all"}
        if segment is None
        else {str(name): value for name, value in segment.items()}
    )
    left, right = st.columns(2)
    key = left.text_input(
        "Key", known["key"], key="segment_key", disabled=segment is not None, placeholder="beta-customers"
    )
    name = right.text_input("Name", known["name"], key="segment_name", max_chars=200, placeholder="Beta customers")
    description = st.text_input("Description", known["description"], key="segment_description", max_chars=2_000)
    match = st.segmented_control(
        "Who meets",
        list(MATCHES),
        default=known["match"],
        format_func=MATCHES.__getitem__,
        key="segment_match",
        required=True,
    )
    conditions.edit(actor, rows, lambda *parts: "_".join(("segment", *parts)), join="and" if match == "all" else "or")
    if segment is not None and len(segment["used_by"]):
        st.caption(f":material/warning: {len(segment['used_by'])} flags use it; they change with it.")
    if st.button("Create segment" if segment is None else "Save", type="primary", key="segment_submit"):
        values = {"name": name, "description": description, "match": match, "conditions": draft.stored(rows)}
        if segment is None:
            run_action(actions.create_segment, actor, key=key, **values, done="Created.")
        else:
            run_action(
                actions.update_segment,
                actor,
                UUID(str(segment["id"])),
                version=int(segment["version"]),
                **values,
                done="Saved.",
            )


@st.dialog("Delete segment", icon=":material/delete:")
def delete(actor: Actor, segment: pd.Series) -> None:
    """It cannot be brought back."""
    st.markdown(f"**{words.plain(segment['name'])}** goes for good. No flag uses it.")
    if st.button("Delete", type="primary", key="delete_segment_submit"):
        run_action(actions.delete_segment, actor, UUID(str(segment["id"])), done="Deleted.")

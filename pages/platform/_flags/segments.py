"""Segments: named audiences that rules of several flags share."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import actions, queries
from pages._parts.frame import run_action, zone
from pages.platform._flags import conditions, draft, tenants, words

MATCHES = {"all": "all of these", "any": "any of these"}


def show(actor: Actor, _: str) -> None:
    """The segments; a click shows what can be done with one."""
    if actor.may("flags:create") and st.button(
        "Create segment", key="create_segment", type="primary", icon=":material/add:"
    ):
        _open(actor, None)
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
                _open(actor, segment)
            if actor.may("flags:delete") and st.button(
                "Delete",
                key="delete_segment",
                icon=":material/delete:",
                disabled=bool(used),
                help="A segment in use cannot be deleted." if used else None,
            ):
                delete(actor, segment)


def _open(actor: Actor, segment: pd.Series | None) -> None:
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

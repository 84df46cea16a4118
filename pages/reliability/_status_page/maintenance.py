"""Announced maintenance: what the page tells of it, and windows that could be announced."""

from collections.abc import Hashable, Mapping
from datetime import tzinfo
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.status_page import actions, queries, rules
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages.reliability._status_page import words
from pages.reliability._status_page.dialogs import dialogs


def show(actor: Actor) -> None:
    """The announcements; whoever may change them announces, edits and withdraws."""
    frame, names = queries.announcements(actor), _components(actor)
    may_change = actor.may("status_page:update")
    if may_change and actor.may("monitors:read"):
        if st.button("Announce maintenance", key="announce", type="primary", icon=":material/campaign:"):
            dialogs.open_now("announce")
        if dialogs.is_open("announce"):
            _announce(actor, names)
    if frame.empty:
        st.info(
            "No maintenance is announced. Windows are planned on the page Monitors and announced here.",
            icon=":material/inbox:",
        )
        return
    chosen = _grid(actor, frame, names, is_selectable=may_change)
    if chosen is not None:
        _acts(actor, chosen, names)


def _components(actor: Actor) -> dict[UUID, str]:
    return {one.id: one.name for one in queries.snapshot(actor).components}


def _grid(actor: Actor, frame: pd.DataFrame, names: dict[UUID, str], *, is_selectable: bool) -> dict[str, Any] | None:
    shown = pd.DataFrame({
        "Title": frame["title"], "From": frame["starts_at"], "Length": [words.length(one) for one in frame["duration_s"]],
        "Again": frame["rule"].fillna("once"), "Affects": [words.names(ids, names) for ids in frame["component_ids"]],
        "Window": ["Cancelled" if gone else "On the page" for gone in frame["cancelled_at"].notna()],
    })  # fmt: skip
    event: Any = st.dataframe(
        shown, hide_index=True, key="announcements", placeholder=UNKNOWN, selection_mode="single-row",
        on_select="rerun" if is_selectable else "ignore",
        column_config={
            "From": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))),
            "Affects": st.column_config.ListColumn(),
        },
    )  # fmt: skip
    rows = event.selection.rows if is_selectable else []
    return frame.iloc[rows[0]].to_dict() if rows and rows[0] < len(frame) else None


def _acts(actor: Actor, chosen: dict[str, Any], names: dict[UUID, str]) -> None:
    with st.container(horizontal=True):
        if st.button("Edit", key="edit_told", icon=":material/edit:"):
            dialogs.open_now("edit_told", chosen["version"])
        if st.button("Withdraw", key="withdraw", icon=":material/visibility_off:"):
            dialogs.open_now("withdraw", chosen["version"])
    if dialogs.is_open("edit_told"):
        _edit(actor, chosen, names)
    if dialogs.is_open("withdraw"):
        _withdraw(actor, chosen)


def _fields(known: dict[str, Any], names: dict[UUID, str], prefix: str) -> dict[str, Any]:
    title = st.text_input("Title", known.get("title", ""), key=f"{prefix}_title", max_chars=rules.MAX_TITLE)
    body = st.text_area("Text", known.get("body", ""), key=f"{prefix}_body", max_chars=rules.MAX_BODY)
    held = [key for key in known.get("component_ids", ()) if key in names]
    chosen = st.multiselect(
        "Affects", list(names), held, key=f"{prefix}_components", format_func=lambda key: names.get(key, "")
    )
    return {"title": title, "body": body, "component_ids": chosen}


@st.dialog("Announce maintenance", width="medium", on_dismiss=dialogs.close)
def _announce(actor: Actor, names: dict[UUID, str]) -> None:
    windows = queries.unannounced(actor)
    if windows.empty:
        st.info("No window comes that is not announced. Plan one on the page Monitors first.", icon=":material/inbox:")
        return
    place = zone(actor)
    labels = {row["id"]: _label(row, place) for row in windows.to_dict("records")}
    st.caption("Its own title and reason stay inside. What you write here is public and goes to subscribers.")
    with st.form("announce_form", border=False):
        window = st.selectbox(
            "Window", list(labels), key="announce_window", format_func=lambda key: labels.get(key, "")
        )
        typed = _fields({}, names, "announce")
        if st.form_submit_button("Announce", type="primary", key="announce_submit"):
            run_action(actions.announce, actor, UUID(window), **typed, done=dialogs.closing("Announced."))


def _label(window: Mapping[Hashable, Any], place: tzinfo) -> str:
    begins = window["starts_at"].astimezone(place)
    return f"{window['title']} · {begins:%d %b %Y %H:%M} · {words.length(window['duration_s'])}"


@st.dialog("Edit announcement", width="medium", on_dismiss=dialogs.close)
def _edit(actor: Actor, known: dict[str, Any], names: dict[UUID, str]) -> None:
    with st.form("announcement_form", border=False):
        typed = _fields(known, names, "told")
        if st.form_submit_button("Save", type="primary", key="told_submit"):
            run_action(
                actions.update_announcement, actor, UUID(known["id"]), version=dialogs.version(), **typed,
                done=dialogs.closing("Saved."),
            )  # fmt: skip


@st.dialog("Withdraw announcement", on_dismiss=dialogs.close)
def _withdraw(actor: Actor, known: dict[str, Any]) -> None:
    st.text(f"{known['title']} vanishes from the page, and whoever got a mail about it gets one that it does not come. "
            "The window itself stays.")  # fmt: skip
    if st.button("Withdraw", key="withdraw_submit", type="primary"):
        run_action(
            actions.withdraw, actor, UUID(known["id"]), version=dialogs.version(), done=dialogs.closing("Withdrawn.")
        )

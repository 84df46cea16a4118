"""Maintenance windows: the coming and the past ones, creating, editing and cancelling."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.maintenance import actions, queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from pages._parts import paging
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.health._monitors import recurrence, texts, window_form
from pages.health._monitors.dialogs import dialogs

COMING, PAST = "Running and coming", "Over or cancelled"


def show(actor: Actor) -> None:
    """Which ones, the table, and the window that is open."""
    if dialogs.is_open("window_create"):
        _create(actor)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.segmented_control(
            "Windows", [COMING, PAST], default=COMING, key="windows", bind="query-params", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        if actor.may("monitors:update") and st.button(
            "Create window", key="window_create", type="primary", icon=":material/add:"
        ):
            dialogs.open_now("window_create")
    _opened(actor)
    way = paging.trail("windows", which)
    page = queries.windows(actor, past=which == PAST, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        _none(which)
        return
    _table(actor, page.frame)
    paging.buttons("windows", way, len(page.frame), page.next)


def _none(which: str) -> None:
    st.info(
        "No maintenance is planned. In a window nobody is told of what is down, and its time counts for no availability, "
        "or does, as you choose."
        if which == COMING
        else "No window is over yet.",
        icon=":material/build:",
    )


def _table(actor: Actor, frame: pd.DataFrame) -> None:
    rows = frame.to_dict("records")
    shown = pd.DataFrame({
        "state": pd.Series([[_state(row)] for row in rows], dtype="object"),
        "title": frame["title"].to_numpy(), "covers": [_covers(row) for row in rows],
        "next_at": frame["next_at"].to_numpy(), "next_until": frame["next_until"].to_numpy(),
        "repeats": [recurrence.sentence(texts.known(row["rule"])) for row in rows],
        "policy": [window_form.POLICIES[row["policy"]] for row in rows], "reason": frame["reason"].to_numpy(),
    })  # fmt: skip
    column, viewer = st.column_config, str(zone(actor))
    event = st.dataframe(
        shown, hide_index=True, key=table_key("windows"), on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(frame) <= 14 else 520,
        column_config={
            "state": column.MultiselectColumn(
                "State", options=["Running", "Coming", "Over", "Cancelled"], color=["violet", "blue", "gray", "gray"], width=100
            ),
            "title": column.TextColumn("Title", width=220), "covers": column.TextColumn("Covers", width=200),
            "next_at": column.DatetimeColumn("Next start", format="YYYY-MM-DD HH:mm", timezone=viewer, width=140),
            "next_until": column.DatetimeColumn("Next end", format="YYYY-MM-DD HH:mm", timezone=viewer, width=140),
            "repeats": column.TextColumn("Repeats", width=190), "policy": column.TextColumn("Its time", width=200),
            "reason": column.TextColumn("Reason", width="large"),
        },
    )  # fmt: skip
    if event.selection.rows:
        open_row("windows", "window", frame["id"].iloc[event.selection.rows[0]])


def _state(row: dict[Any, Any]) -> str:
    if not texts.is_unknown(row["cancelled_at"]):
        return "Cancelled"
    if row["is_running"]:
        return "Running"
    return "Over" if texts.is_unknown(row["next_at"]) else "Coming"


def _covers(row: dict[Any, Any]) -> str:
    if row["covers"] == "tags":
        return f"Tags: {texts.listed(row['tags'])}"
    return texts.count(len(row["monitor_ids"]), "monitor") if row["covers"] == "monitors" else "All monitors"


def _opened(actor: Actor) -> None:
    """The window that the address names, with what can be done with it."""
    key = st.query_params.get("window")
    if not key:
        return
    try:
        window = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This window does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    with st.container(border=True):
        _about(actor, window)
    for name, dialog in {"window_edit": _edit, "window_cancel": _cancel}.items():
        if dialogs.is_open(name):
            dialog(actor, window)


def _about(actor: Actor, window: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(window['title'])}**", width="content")
        st.badge(_state(window), color="gray" if _state(window) in ("Over", "Cancelled") else "violet")
        st.space("stretch")
        if st.button("Close", key="window_close", icon=":material/close:", type="tertiary"):
            del st.query_params["window"]
            st.rerun()
    if window["reason"]:
        st.write(plain(window["reason"]))
    following = texts.known(window["next_at"])
    when = "" if following is None else f"{window_form.span(following, window['next_until'], zone(actor))} · "
    repeats = recurrence.sentence(window["rule"])
    st.caption(
        f"{when}{plain(repeats)} ({window['zone']}) · {plain(_covers(window))} · {window_form.POLICIES[window['policy']]}"
    )
    if actor.may("monitors:update") and _state(window) in ("Running", "Coming"):
        with st.container(horizontal=True):
            if st.button("Edit", key="window_edit", icon=":material/edit:"):
                dialogs.open_now("window_edit", window["version"])
            if st.button("Cancel window", key="window_cancel", icon=":material/event_busy:"):
                dialogs.open_now("window_cancel")


@st.dialog("Create maintenance window", width="large", on_dismiss=dialogs.close, icon=":material/build:")
def _create(actor: Actor) -> None:
    typed = window_form.ask(actor, window_form.fresh(actor), key="new_window")
    if st.button("Create window", key="new_window_submit", type="primary"):
        run_action(actions.create, actor, **typed, done=dialogs.closing("Created."))


@st.dialog("Edit maintenance window", width="large", on_dismiss=dialogs.close, icon=":material/build:")
def _edit(actor: Actor, window: dict[str, Any]) -> None:
    typed = window_form.ask(actor, window, key="edit_window")
    if st.button("Save", key="edit_window_submit", type="primary"):
        run_action(
            actions.update, actor, window["id"], version=dialogs.version(), **typed, done=dialogs.closing("Saved.")
        )


@st.dialog("Cancel maintenance window", on_dismiss=dialogs.close)
def _cancel(actor: Actor, window: dict[str, Any]) -> None:
    running = " What is left of the running one counts again." if window["is_running"] else ""
    st.write(f"**{plain(window['title'])}** does not happen any more, this time or another.{running}")
    with st.form("cancel_window", border=False):
        reason = st.text_input("Reason", key="cancel_reason", max_chars=500, placeholder="The upgrade was put off")
        if st.form_submit_button("Cancel window", type="primary", key="cancel_submit"):
            run_action(actions.cancel, actor, window["id"], reason=reason, done=dialogs.closing("Cancelled."))

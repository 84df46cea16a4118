"""The components in the order of the page, and what can be done with them."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.status_page import actions, queries
from core.reliability.status_page.state import TITLES
from pages._parts.frame import run_action
from pages._parts.moments import UNKNOWN
from pages.reliability._status_page import acts, form, words
from pages.reliability._status_page.dialogs import dialogs

_COLUMNS: dict[str, Any] = {
    "name": "Name", "group_name": "Group", "shown": "State", "manual": "Set by hand", "uptime": "Uptime, 90 days",
    "monitors": st.column_config.ListColumn("Monitors"), "services": st.column_config.ListColumn("Services"),
}  # fmt: skip


def show(actor: Actor) -> None:
    """The whole page in words, then the grid."""
    known = queries.snapshot(actor)
    frame, monitors = queries.components(actor, known), queries.monitors(actor)
    may_change = actor.may("status_page:update")
    if may_change and st.button("Add component", key="add", type="primary", icon=":material/add:"):
        dialogs.open_now("add")
    if may_change and dialogs.is_open("add"):
        form.create(actor, monitors)
    if frame.empty:
        st.info("The page lists no component yet. Add what customers would ask about.", icon=":material/inbox:")
        return
    _overall(known)
    chosen = _grid(frame, monitors, is_selectable=may_change)
    if chosen is not None:
        acts.show(actor, chosen, monitors)
        _order(actor, frame, chosen)
    elif may_change:
        st.caption("Choose a component to edit it, to set its state or to move it.")


def _overall(known: Any) -> None:
    text = words.plain(known.description)
    tone = {"none": st.success, "unknown": st.info, "maintenance": st.info, "minor": st.warning}.get(
        known.indicator, st.error
    )
    tone(f"The page says: {text}.", icon=":material/public:")
    live = len(known.live)
    if live:
        st.caption(f"{live} live {'incident is' if live == 1 else 'incidents are'} told on the page.")


def _grid(frame: pd.DataFrame, monitors: dict[UUID, str], *, is_selectable: bool) -> dict[str, Any] | None:
    shown = pd.DataFrame({
        "name": frame["name"], "group_name": frame["group_name"], "shown": [TITLES[state] for state in frame["state"]],
        "manual": frame["manual_reason"].where(frame["manual_state"].notna()),
        "uptime": [words.uptime(ratio) for ratio in frame["uptime_ratio"]],
        "monitors": [words.names(ids, monitors) for ids in frame["monitor_ids"]], "services": frame["services"],
    })  # fmt: skip
    event: Any = st.dataframe(
        shown, hide_index=True, key="components", column_config=_COLUMNS, placeholder=UNKNOWN,
        on_select="rerun" if is_selectable else "ignore", selection_mode="single-row",
    )  # fmt: skip
    rows = event.selection.rows if is_selectable else []
    # The grid keeps its selection while rows are archived elsewhere.
    return frame.iloc[rows[0]].to_dict() if rows and rows[0] < len(frame) else None


def _order(actor: Actor, frame: pd.DataFrame, chosen: dict[str, Any]) -> None:
    keys = [UUID(key) for key in frame["id"]]
    place = keys.index(UUID(chosen["id"]))
    with st.container(horizontal=True):
        for key, label, to, icon in (
            ("up", "Move up", place - 1, "arrow_upward"),
            ("down", "Move down", place + 1, "arrow_downward"),
        ):
            is_end = not 0 <= to < len(keys)
            if st.button(label, key=key, icon=f":material/{icon}:", disabled=is_end, type="tertiary"):
                order = keys.copy()
                order.insert(to, order.pop(place))
                run_action(actions.arrange, actor, order, done="Moved.")

"""Action items: of one incident, or of all."""

from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import people
from core.reliability.review import items, queries
from core.reliability.review.queries import Filters
from pages._parts import paging
from pages._parts.dialogs import Dialogs
from pages._parts.frame import run_action
from pages._parts.moments import UNKNOWN
from pages.reliability._review import words

dialogs = Dialogs("action_items")
COLUMNS = {
    "reference": "Incident", "title": "What", "owner": "Owner", "due_on": "Due", "priority": "Priority", "status": "State",
    "note": "Note",
}  # fmt: skip


def of(actor: Actor, incident: dict[str, Any]) -> None:
    """Those of one incident, with a form for the next."""
    frame = queries.items(actor, Filters(incident_id=incident["id"]), limit=200).frame
    if frame.empty:
        st.info("There are no action items yet.", icon=":material/inbox:")
    else:
        _grid(actor, frame, with_incident=False)
    if actor.may("incidents:update"):
        _add(actor, incident)
    _open_dialog(actor, frame)


def listed(actor: Actor, filters: Filters) -> None:
    """Those that match, page by page."""
    way = paging.trail("action_items", filters)
    page = queries.items(actor, filters, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        st.info("No action item matches. Clear a filter, or add one on an incident's page.", icon=":material/inbox:")
        return
    _grid(actor, page.frame, with_incident=True)
    paging.buttons("action_items", way, len(page.frame), page.next)
    _open_dialog(actor, page.frame)


def _grid(actor: Actor, frame: pd.DataFrame, *, with_incident: bool) -> None:
    names = [one for one in COLUMNS if with_incident or one != "reference"]
    shown = frame.assign(
        priority=frame["priority"].map(words.PRIORITY),
        status=frame["status"].map(words.ITEM) + frame["is_overdue"].map({True: ", overdue", False: ""}),
        owner=frame["owner"].fillna("Nobody"),
    )[names].rename(columns=COLUMNS)  # fmt: skip
    event = st.dataframe(
        shown, hide_index=True, key="action_items", on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(shown) < 12 else 460,
        column_config={"What": st.column_config.TextColumn("What", width="large"), "Due": st.column_config.DateColumn("Due")},
    )  # fmt: skip
    chosen = event.selection.rows
    if chosen and chosen[0] < len(frame):
        _bar(actor, frame.iloc[chosen[0]])


def _bar(actor: Actor, row: pd.Series) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "reliability/incident.py", label=str(row["reference"]), icon=":material/emergency:",
            query_params={"id": str(row["incident_id"]), "tab": "review"},
        )  # fmt: skip
        if not actor.may("incidents:update"):
            return
        if st.button("Edit", key="item_edit", icon=":material/edit:"):
            dialogs.open_now(f"edit {row['id']}", int(row["version"]))
        if row["status"] == "open":
            if st.button("Complete", key="item_done", icon=":material/check:"):
                run_action(items.complete, actor, UUID(row["id"]), version=int(row["version"]), done="Done.")
            if st.button("Cancel", key="item_cancel", icon=":material/close:"):
                dialogs.open_now(f"cancel {row['id']}", int(row["version"]))
        elif st.button("Reopen", key="item_reopen", icon=":material/undo:"):
            run_action(items.reopen, actor, UUID(row["id"]), version=int(row["version"]), done="Open again.")


def _add(actor: Actor, incident: dict[str, Any]) -> None:
    with st.form("item_add", border=True, clear_on_submit=False):
        given = _fields(actor, "item_new", {})
        if st.form_submit_button("Add action item", key="item_add_submit", icon=":material/add:"):
            run_action(items.add, actor, incident["id"], **given, done=_added)


def _added(_item: Any) -> str:
    for key in [one for one in st.session_state if str(one).startswith("item_new_")]:
        del st.session_state[key]
    return "Added."


def _fields(actor: Actor, name: str, known: dict[str, Any]) -> dict[str, Any]:
    colleagues = {row["id"]: row["name"] for row in people.assignable(actor).to_dict("records")}
    title = st.text_input("What is to be done", known.get("title", ""), key=f"{name}_title")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        owner = st.selectbox(
            "Owner", list(colleagues), format_func=colleagues.__getitem__, key=f"{name}_owner", placeholder="Nobody",
            index=list(colleagues).index(known["owner_id"]) if known.get("owner_id") in colleagues else None,
        )  # fmt: skip
        due: date | None = st.date_input("Due", known.get("due_on"), key=f"{name}_due")
        priority = st.selectbox(
            "Priority", list(words.PRIORITY), format_func=words.PRIORITY.__getitem__, key=f"{name}_priority",
            index=list(words.PRIORITY).index(known.get("priority", "medium")),
        )  # fmt: skip
    note = st.text_input("Note", known.get("note", ""), key=f"{name}_note")
    return {
        "title": title, "owner_id": UUID(owner) if owner else None, "due_on": due, "priority": priority, "note": note,
    }  # fmt: skip


def _open_dialog(actor: Actor, frame: pd.DataFrame) -> None:
    for row in frame.to_dict("records"):
        if dialogs.is_open(f"edit {row['id']}"):
            _edit(actor, row)
        elif dialogs.is_open(f"cancel {row['id']}"):
            _cancel(actor, row)


@st.dialog("Edit action item", on_dismiss=dialogs.close)
def _edit(actor: Actor, row: dict[Any, Any]) -> None:
    known = row | {"due_on": None if pd.isna(row["due_on"]) else row["due_on"]}
    given = _fields(actor, f"item_{row['id']}", known)
    if st.button("Save", key="item_save", type="primary", icon=":material/save:"):
        version = dialogs.version()
        run_action(items.update, actor, UUID(row["id"]), version=version, **given, done=dialogs.closing("Saved."))


@st.dialog("Cancel action item", on_dismiss=dialogs.close)
def _cancel(actor: Actor, row: dict[Any, Any]) -> None:
    st.write(row["title"])
    reason = st.text_input("Why is it not done after all?", key="item_cancel_reason")
    if st.button("Cancel action item", key="item_cancel_submit", type="primary"):
        run_action(
            items.cancel,
            actor,
            UUID(row["id"]),
            reason=reason,
            version=dialogs.version(),
            done=dialogs.closing("Cancelled."),
        )

"""The directory's grid: browse and open, or edit several rows and save them together."""

from typing import Any

import pandas as pd
import streamlit as st

from core.customers.tenants import actions, rules
from core.customers.tenants.actions import Edit
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages._parts.opening import open_row, table_key
from pages.customers._tenants import edits as edits_of

SHOWN = ["name", "domain", "status", "tier", "region", "seats_used", "seats", "created_at"]


def _capitalized(value: object) -> str:
    return str(value).capitalize()


_COLUMNS = {
    "name": st.column_config.TextColumn("Name", width="medium", max_chars=rules.MAX_NAME),
    "domain": st.column_config.TextColumn("Domain", width="medium"),
    "status": st.column_config.SelectboxColumn(
        "Status", options=list(rules.STATUSES), format_func=_capitalized, width="small"
    ),
    "tier": st.column_config.SelectboxColumn(
        "Plan", options=list(rules.TIERS), format_func=_capitalized, width="small", required=True
    ),
    "region": st.column_config.SelectboxColumn("Region", options=list(rules.REGIONS), width="small", required=True),
    "seats_used": st.column_config.NumberColumn("Seats used", width="small"),
    "seats": st.column_config.NumberColumn(
        "Seats", min_value=1, max_value=rules.MAX_SEATS, step=1, width="small", required=True
    ),
    "created_at": st.column_config.DatetimeColumn("Created", format="distance", width="small"),
}


def show(actor: Actor, frame: pd.DataFrame) -> None:
    """The page of tenants, to browse or (with the right to) to edit."""
    mode = "Browse"
    if actor.may("tenants:update"):
        mode = st.segmented_control(
            "Mode", ["Browse", "Edit"], default="Browse", key="mode", label_visibility="collapsed", required=True
        )
    if mode == "Edit":
        _edit(actor, frame)
    else:
        _browse(frame)


def _browse(frame: pd.DataFrame) -> None:
    event = st.dataframe(
        frame[SHOWN],
        column_config=_COLUMNS,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=560,
        key=table_key("tenants"),
    )
    if event.selection.rows:
        open_row("tenants", "tenant", frame["id"].iloc[event.selection.rows[0]])


def _edit(actor: Actor, frame: pd.DataFrame) -> None:
    kept: dict[str, dict[str, Any]] = st.session_state.setdefault("tenants_kept", {})
    for tenant_id, problem in st.session_state.get("tenants_problems", {}).items():
        name = frame.loc[frame["id"] == tenant_id, "name"]
        st.error(f"{name.iloc[0] if len(name) else 'A tenant'}: {problem}", icon=":material/error:")
    turn = st.session_state.setdefault("tenants_turn", 0)
    edited = st.data_editor(
        edits_of.with_kept(frame, kept)[["id", "version", *SHOWN]],
        column_config=_COLUMNS | {"id": None, "version": None},
        disabled=[name for name in SHOWN if name not in rules.EDITABLE],
        hide_index=True,
        height=560,
        key=f"tenants_editor_{turn}",
    )
    edits = edits_of.changes(frame, edited)
    with st.container(horizontal=True):
        label = f"Save {len(edits)} change{'' if len(edits) == 1 else 's'}" if edits else "Save"
        if st.button(label, key="save", type="primary", disabled=not edits, icon=":material/save:"):
            run_action(_save, actor, edits, done=_told)
        if st.button("Discard", key="discard", disabled=not edits):
            _forget()
            st.rerun()


def _save(actor: Actor, edits: list[Edit]) -> tuple[int, int]:
    outcomes = actions.update_many(actor, edits)
    failed = {str(outcome.tenant_id): outcome.problem for outcome in outcomes if outcome.problem}
    _forget()
    st.session_state["tenants_problems"] = failed
    st.session_state["tenants_kept"] = {
        str(edit.tenant_id): dict(edit.values) for edit in edits if str(edit.tenant_id) in failed
    }
    return len(outcomes) - len(failed), len(failed)


def _told(result: tuple[int, int]) -> str:
    saved, failed = result
    return f"Saved {saved}." if not failed else f"Saved {saved}; {failed} could not be saved and are kept for you."


def _forget() -> None:
    st.session_state["tenants_turn"] = st.session_state.get("tenants_turn", 0) + 1
    st.session_state["tenants_kept"] = {}
    st.session_state["tenants_problems"] = {}

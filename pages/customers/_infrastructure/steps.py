"""The checklist of a record: its progress, its steps, and what can be done with one."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.infrastructure import actions, checklist, queries, rules
from core.customers.infrastructure.checklist import STATE_TITLES, STATES
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import run_action
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.customers._infrastructure import texts
from pages.customers._infrastructure.dialogs import dialogs

_DIALOG = "step"


def show(actor: Actor, record: dict[str, Any]) -> None:
    """The steps in their order; a click on one offers to change it while the checklist is open."""
    found = queries.steps(actor, record["id"])
    st.subheader("Checklist", anchor=False)
    told = [(row["title"], row["state"], row["is_required"]) for row in found.to_dict("records")]
    progress = checklist.progress(told)
    st.progress(progress.ratio, f"{progress.done} of {progress.total} required steps done")
    can_edit = actor.may("infrastructure:update") and record["status"] in rules.ALLOWED["step"]
    chosen = _grid(found, can_edit)
    if chosen is not None:
        st.session_state["step_chosen"] = str(chosen["id"])
        st.session_state["checklist_opened"] = st.session_state.get("checklist_opened", 0) + 1
        dialogs.open_now(_DIALOG, int(chosen["version"]))
    wanted = found[found["id"].astype(str) == st.session_state.get("step_chosen")]
    if can_edit and dialogs.is_open(_DIALOG) and len(wanted):
        _step(actor, wanted.iloc[0].to_dict())


def _grid(found: pd.DataFrame, can_edit: bool) -> pd.Series | None:
    today = utc_now().date()
    is_late = [due is not None and due < today and state in queries.OPEN_STEPS
               for due, state in zip(found["due_on"], found["state"], strict=True)]  # fmt: skip
    shown = found.assign(state=found["state"].map(STATE_TITLES), late=is_late)
    shown["state"] = shown["state"].where(~shown["late"], shown["state"] + ", late")
    given: dict[str, Any] = {"on_select": "rerun", "selection_mode": "single-row"} if can_edit else {}
    event: Any = st.dataframe(
        shown[["title", "state", "is_required", "team", "owner_name", "due_on", "evidence", "done_by_name"]], hide_index=True,
        key=table_key("checklist"), placeholder=UNKNOWN, height="content", **given,
        column_config={
            "title": st.column_config.TextColumn("Step", width=250), "state": st.column_config.TextColumn("State", width=110),
            "is_required": st.column_config.CheckboxColumn("Required", width=75), "team": "Team", "owner_name": "Owner",
            "due_on": st.column_config.DateColumn("Due", format="YYYY-MM-DD"),
            "evidence": st.column_config.TextColumn("Evidence", width="large"), "done_by_name": "Done by",
        },
    )  # fmt: skip
    if can_edit:
        st.caption("Select a step to change it.")
        return found.iloc[event.selection.rows[0]] if event.selection.rows else None
    return None


@st.dialog("Change step", width="medium", on_dismiss=dialogs.close)
def _step(actor: Actor, step: dict[Any, Any]) -> None:
    st.text(f"{step['title']}. {step['about']}")
    key = str(step["id"])
    with st.form("step", border=False):
        state = st.selectbox(
            "State", STATES, STATES.index(step["state"]), key=f"step_state_{key}", format_func=STATE_TITLES.__getitem__
        )
        owner = _owner(actor, step, key)
        due = st.date_input("Due", step["due_on"], key=f"step_due_{key}", format="YYYY-MM-DD")
        evidence = st.text_area(
            "Evidence", "" if texts.is_unknown(step["evidence"]) else step["evidence"], key=f"step_evidence_{key}",
            max_chars=checklist.MAX_EVIDENCE, placeholder="OPS-1234; restore took 14 min", help=texts.NO_SECRETS,
        )  # fmt: skip
        if st.form_submit_button("Save", type="primary", key="step_submit"):
            typed = {"state": state, "owner_id": owner, "due_on": due, "evidence": evidence}
            version = dialogs.version()
            run_action(actions.update_step, actor, UUID(key), version=version, **typed, done=dialogs.closing("Saved."))


def _owner(actor: Actor, step: dict[Any, Any], key: str) -> UUID | None:
    people = queries.owners(actor)
    kept = None if texts.is_unknown(step["owner_id"]) else UUID(str(step["owner_id"]))
    if kept is not None and kept not in people:
        people = {kept: step["owner_name"], **people}
    offered = list(people)
    chosen: UUID | None = st.selectbox(
        "Owner", offered, offered.index(kept) if kept else None, key=f"step_owner_{key}", placeholder="Nobody",
        format_func=lambda one: people[one],
    )  # fmt: skip
    return chosen

"""Policies in the order in which they are tried: for whom, by which calendar, within what time."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.support.sla import actions, queries, reapplying
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.support import _words as words
from pages.support._settings import policy_form, preview
from pages.support._settings.dialogs import dialogs
from pages.support._ticket.clock import TARGETS as TARGET_TITLES
from pages.support._ticket.clock import length


def show(actor: Actor) -> None:
    """The table of policies, or the one that was opened."""
    may = actor.may("support_settings:update")
    if st.query_params.get("policy"):
        _one(actor, st.query_params["policy"], may)
        return
    frame = queries.policies(actor)
    _acts(actor, may)
    if frame.empty:
        st.info("There is no policy yet, so tickets have no targets. Create one.", icon=":material/timer:")
        return
    st.caption(
        "A ticket comes under the first policy whose conditions it meets, and keeps its terms until they are reapplied."
    )
    shown = frame.assign(holds_for=frame["conditions"].map(holds_for), pauses=frame["pauses_in"].map(_states))
    table = st.dataframe(
        shown, hide_index=True, key=table_key("policies"), on_select="rerun", selection_mode="single-row",
        column_order=["position", "name", "holds_for", "calendar", "pauses"],
        column_config={
            "position": st.column_config.NumberColumn("Position", width="small"), "name": "Policy",
            "holds_for": st.column_config.TextColumn("Holds for", width="large"), "calendar": "Calendar", "pauses": "Rests in",
        },
    )  # fmt: skip
    if table.selection.rows:
        open_row("policies", "policy", frame["id"].iloc[table.selection.rows[0]])


def _acts(actor: Actor, may: bool) -> None:
    if not may:
        return
    with st.container(horizontal=True):
        if st.button("Create policy", key="create_policy", icon=":material/add:"):
            preview.forget()
            dialogs.open_now("create_policy")
        if st.button("Reapply to open tickets", key="reapply", icon=":material/update:"):
            dialogs.open_now("reapply")
    if dialogs.is_open("create_policy"):
        policy_form.create(actor)
    if dialogs.is_open("reapply"):
        _reapply(actor)


@st.dialog("Reapply to open tickets", on_dismiss=dialogs.close)
def _reapply(actor: Actor) -> None:
    st.write(
        "Open tickets whose terms are not those of today's policies get them, and their clocks are computed anew from the"
        f" start. At most {reapplying.LIMIT:,} at a time, the oldest first. This cannot be undone."
    )
    reason = st.text_area("Reason", key="reapply_reason", max_chars=500)
    if st.button("Reapply", type="primary", key="reapply_submit"):
        run_action(
            reapplying.reapply_open, actor, reason=reason,
            done=dialogs.closing(lambda count: f"{count:,} tickets have the terms of today."),
        )  # fmt: skip


def _one(actor: Actor, policy_id: str, may: bool) -> None:
    if st.button("All policies", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["policy"]
        st.rerun()
    try:
        policy = queries.policy(actor, UUID(policy_id))
        calendar = queries.calendar(actor, policy["calendar_id"])
    except (ValueError, NotFound):
        st.warning("This policy does not exist.", icon=":material/search_off:")
        return
    st.subheader(plain(policy["name"]), anchor=False)
    st.text(f"Holds for: {holds_for(policy['conditions'])}")
    st.text(f"Counted by: {calendar['name']}. Rests in: {_states(policy['pauses_in'])}.")
    st.dataframe(targets(policy["targets"]), key="targets", width="content")
    if may and policy["archived_at"] is None:
        _change(actor, policy)


def _change(actor: Actor, policy: dict[str, Any]) -> None:
    with st.container(horizontal=True):
        if st.button("Edit", key="edit_policy", icon=":material/edit:"):
            preview.forget()
            dialogs.open_now("edit_policy", policy["version"])
        if st.button("Archive", key="archive_policy", icon=":material/archive:"):
            dialogs.open_now("archive_policy", policy["version"])
    if dialogs.is_open("edit_policy"):
        policy_form.edit(actor, policy)
    if dialogs.is_open("archive_policy"):
        _archive(actor, policy)


@st.dialog("Archive policy", on_dismiss=dialogs.close)
def _archive(actor: Actor, policy: dict[str, Any]) -> None:
    st.write(f"New tickets no longer come under {plain(policy['name'])}. Those that do keep its terms.")
    if st.button("Archive", type="primary", key="archive_policy_submit"):
        run_action(
            actions.archive_policy, actor, policy["id"], version=dialogs.version(), done=dialogs.closing("Archived.")
        )


def holds_for(conditions: dict[str, list[str]]) -> str:
    """The conditions in words."""
    told = [f"{name} {' or '.join(allowed)}" for name, allowed in conditions.items() if allowed]
    return "; ".join(told) or "every ticket"


def _states(pauses_in: list[str]) -> str:
    return ", ".join(words.STATUS[one] for one in pauses_in) or UNKNOWN


def targets(named: dict[str, dict[str, int]]) -> pd.DataFrame:
    """A row per priority, a column per target."""
    rows = {
        words.PRIORITY[priority]: {
            TARGET_TITLES[target]: length(named[priority][target]) if named.get(priority, {}).get(target) else UNKNOWN
            for target in TARGET_TITLES
        }
        for priority in words.PRIORITY
    }
    return pd.DataFrame.from_dict(rows, orient="index")

"""Tasks of renewals: who does what until when."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.customers.contracts import pipeline, renewals, rules
from core.customers.contracts.pipeline import TaskFilters
from core.customers.tenants import colleagues
from core.kernel.actor import Actor
from pages._parts import exporting
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row
from pages.customers._contracts import words


def show(actor: Actor) -> None:
    """The tasks of everybody, or one's own, the first due first."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        is_mine = st.toggle("Mine", key="mine", bind="query-params")
        is_late = st.toggle("Late only", key="late", bind="query-params")
        with_done = st.toggle("With done", key="done", bind="query-params")
        filters = TaskFilters(actor.operator_id if is_mine else None, is_late, with_done)
        exporting.button(
            actor, "contract tasks", lambda person: pipeline.tasks(person, filters, limit=10_000),
            filters={"mine": is_mine, "late": is_late, "done": with_done}, key="tasks_export",
        )  # fmt: skip
    found = pipeline.tasks(actor, filters, limit=50)
    if found.empty:
        st.info("No task is open here. They come 90 days before a renewal.", icon=":material/task_alt:")
        return
    if len(found) == 50:
        st.caption("The first 50; the export has all of them.")
    for row in found.to_dict("records"):
        one(actor, row)


def of_contract(actor: Actor, contract_id: UUID) -> None:
    """The tasks of one contract, also those that are done."""
    found = pipeline.tasks(actor, TaskFilters(contract_id=contract_id, with_done=True))
    if found.empty:
        st.caption("None yet. They come 90 days before the renewal.")
    for row in found.to_dict("records"):
        one(actor, row, with_contract=False)


def one(actor: Actor, row: dict[Any, Any], *, with_contract: bool = True) -> None:
    """A task in a line, with what can be done about it."""
    is_done = not words.is_none(row["done_at"])
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if with_contract:
            label = f"**{plain(row['tenant'])}** {rules.number_of(int(row['number']))}"
            if st.button(label, key=f"open_{row['id']}", icon=":material/contract:", type="tertiary"):
                open_row("contracts", "contract", row["contract_id"])
        st.markdown(f"{':green[:material/check_circle:] ' if is_done else ''}{plain(row['title'])}", width="content")
        if row["is_late"]:
            st.badge(f"Late, due {row['due_on']}", color="red", icon=":material/schedule:")
        elif not is_done:
            st.badge(f"Due {row['due_on']}", color="gray", icon=":material/event:")
        st.caption(_told(actor, row, is_done), width="content")
        if actor.may("contracts:update"):
            _acts(actor, row, is_done)


def _told(actor: Actor, row: dict[Any, Any], is_done: bool) -> str:
    who = UNKNOWN if words.is_none(row["assignee"]) else plain(row["assignee"])
    note = f" · {plain(row['note'])}" if row["note"] else ""
    if is_done:
        return f"Done by {plain(row['done_by_name'])}, {row['done_at'].astimezone(zone(actor)):%d %b %Y}{note}"
    return f"{who}{note}"


def _acts(actor: Actor, row: dict[Any, Any], is_done: bool) -> None:
    key, version = row["id"], int(row["version"])
    if is_done:
        if st.button("Reopen", key=f"reopen_{key}", icon=":material/undo:"):
            run_action(renewals.update_task, actor, UUID(key), is_done=False, version=version, done="Open again.")
        return
    with st.popover("Done", icon=":material/check:", key=f"done_{key}"):
        note = st.text_input("Note", row["note"], key=f"note_{key}", max_chars=500)
        if st.button("Done", key=f"finish_{key}", type="primary"):
            run_action(renewals.update_task, actor, UUID(key), is_done=True, note=note, version=version, done="Done.")
    with st.popover("Assign", icon=":material/person:", key=f"assign_{key}", on_change="rerun") as popover:
        if popover.open:
            _assign(actor, row, key, version)


def _assign(actor: Actor, row: dict[Any, Any], key: str, version: int) -> None:
    names = colleagues.names(actor)
    present = None if words.is_none(row["assignee_id"]) else UUID(row["assignee_id"])
    chosen = st.selectbox(
        "Who does it", list(names), list(names).index(present) if present in names else None, key=f"assignee_{key}",
        format_func=names.__getitem__, placeholder="Nobody",
    )  # fmt: skip
    if st.button("Assign", key=f"assign_submit_{key}", type="primary"):
        run_action(renewals.update_task, actor, UUID(key), assignee_id=chosen, version=version, done="Assigned.")

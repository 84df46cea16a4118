"""What can be done with one incident in the state it is in."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import actions, merging, queries, rules
from core.reliability.incidents.queries import Filters
from pages._parts.frame import run_action, zone
from pages.reliability._incident import acting, edit
from pages.reliability._incident.dialogs import dialogs
from pages.reliability._incidents import words

_MOVES = {
    "investigating": (":material/search:", "Investigating again."), "identified": (":material/lightbulb:", "Identified."),
    "monitoring": (":material/monitor_heart:", "Monitoring."),
}  # fmt: skip


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """The buttons that fit, and the dialog that is open."""
    if not actor.may("incidents:update") or incident["merged_into_id"]:
        return
    is_live = incident["status"] in rules.LIVE
    with st.container(horizontal=True):
        if is_live:
            _running(actor, incident)
        else:
            _over(actor, incident)
        if st.button("Severity", key="severity", icon=":material/priority_high:"):
            dialogs.open_now("severity", incident["version"])
        if st.button("Edit", key="edit", icon=":material/edit:"):
            edit.begin(incident)
        if is_live and st.button("Merge others in", key="merge", icon=":material/call_merge:"):
            dialogs.open_now("merge", incident["version"])
    offered = {"resolve": _resolve, "reopen": _reopen, "severity": _severity, "edit": edit.dialog, "merge": _merge}
    for name, dialog in offered.items():
        if dialogs.is_open(name):
            dialog(actor, incident)


def _running(actor: Actor, incident: dict[str, Any]) -> None:
    if incident["acknowledged_at"] is None and st.button(
        "Acknowledge", key="acknowledge", icon=":material/front_hand:", type="primary"
    ):
        acting.run(actor, incident, actions.acknowledge, done="Acknowledged.")
    if incident["lead_id"] != actor.operator_id and st.button("I lead", key="lead_me", icon=":material/person_add:"):
        acting.run(actor, incident, actions.assign_role, role="lead", operator_id=actor.operator_id, done="You lead.")
    for status, (icon, said) in _MOVES.items():
        if status != incident["status"] and st.button(words.STATUS[status], key=f"to_{status}", icon=icon):
            acting.run(actor, incident, actions.set_status, status=status, done=said)
    if st.button("Resolve", key="resolve", icon=":material/check_circle:", type="primary"):
        dialogs.open_now("resolve", incident["version"])


def _over(actor: Actor, incident: dict[str, Any]) -> None:
    if incident["status"] == "resolved" and st.button("Close", key="close", icon=":material/lock:"):
        acting.run(actor, incident, actions.close, done="Closed.")
    if st.button("Reopen", key="reopen", icon=":material/undo:"):
        dialogs.open_now("reopen", incident["version"])


@st.dialog("Resolve", width="large", on_dismiss=dialogs.close)
def _resolve(actor: Actor, incident: dict[str, Any]) -> None:
    how = st.text_area(
        "How it was resolved", key="resolve_how", height=100, placeholder="What was done, so that it works again"
    )
    why = st.text_area("Root cause, if it is known", incident["root_cause"], key="resolve_why", height=80)
    is_now = st.toggle("It ended just now", value=True, key="resolve_now")
    at = None
    if not is_now:
        began = incident["started_at"].astimezone(zone(actor)).replace(tzinfo=None, second=0, microsecond=0)
        picked = st.datetime_input("Ended", began, key="resolve_at", step=60, width=240)
        at = picked.replace(tzinfo=zone(actor)) if picked else None
    if st.button("Resolve", type="primary", key="resolve_submit", icon=":material/check_circle:"):
        acting.in_dialog(actor, incident, actions.resolve, resolution=how, root_cause=why, at=at, done="Resolved.")


@st.dialog("Reopen", on_dismiss=dialogs.close)
def _reopen(actor: Actor, incident: dict[str, Any]) -> None:
    reason = st.text_area("Reason", key="reopen_reason", max_chars=500, placeholder="It is back")
    if st.button("Reopen", type="primary", key="reopen_submit", icon=":material/undo:"):
        acting.in_dialog(actor, incident, actions.reopen, reason=reason, done="Reopened.")


@st.dialog("Severity", on_dismiss=dialogs.close)
def _severity(actor: Actor, incident: dict[str, Any]) -> None:
    names = list(words.SEVERITY)
    severity = st.radio(
        "Severity", names, names.index(incident["severity"]), key="severity_choice",
        format_func=words.SEVERITY_TOLD.__getitem__,
    )  # fmt: skip
    note = st.text_input("Why", key="severity_note", placeholder="More customers are hit than we thought")
    if st.button("Set severity", type="primary", key="severity_submit"):
        acting.in_dialog(actor, incident, actions.set_severity, severity=severity, note=note, done="Severity set.")


@st.dialog("Merge others in", width="large", on_dismiss=dialogs.close)
def _merge(actor: Actor, incident: dict[str, Any]) -> None:
    st.write("They are closed and go on here, with their timelines and links. This cannot be undone.")
    running = queries.directory(actor, Filters(is_live=True), limit=200).frame
    others = running[running["id"] != str(incident["id"])]
    titles = {key: f"{number} {title}" for key, number, title in
              zip(others["id"], others["reference"], others["title"], strict=True)}  # fmt: skip
    chosen = st.multiselect("Incidents", list(titles), key="merge_others", format_func=titles.__getitem__,
                            placeholder="Those that run" if titles else "No other one runs")  # fmt: skip
    if st.button("Merge", type="primary", key="merge_submit", disabled=not chosen, icon=":material/call_merge:"):
        ids = [UUID(one) for one in chosen]
        run_action(merging.merge, actor, ids, into_id=incident["id"], done=dialogs.closing("Merged."))

"""Exclusions of a violation: ask for one, approve or refuse it, withdraw it."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import asked, exclusions
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages.reliability._sla import words
from pages.reliability._violations import asking
from pages.reliability._violations.dialogs import dialogs

MOST_NOTE = 500
_CHOSEN = "violations_exclusion"


def show(actor: Actor, row: dict[str, Any]) -> None:
    """What was asked so far, and the button to ask."""
    st.subheader("Exclusions", anchor=False)
    found = asked.exclusions(actor, violation_id=row["id"])
    if found.empty:
        st.caption("Nobody asked that any of it should not count. What was measured is kept, whatever is decided.")
    for one in found.to_dict("records"):
        _one(actor, {str(name): value for name, value in one.items()})
    if row["ended_at"] is None:
        st.caption("An exclusion can be asked for once the violation is over.")
    elif actor.may("sla:update") and row["standing"] in ("counts", "partly"):
        asking.button(actor, row)
    if dialogs.is_open("refuse"):
        _refuse(actor, st.session_state[_CHOSEN])


def _one(actor: Actor, one: dict[str, Any]) -> None:
    where = zone(actor)
    begin, end = (one[name].astimezone(where) for name in ("starts_at", "ends_at"))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            title, colour = words.DECISIONS[one["decision"]] if words.is_known(one["decision"]) else ("Waits", "yellow")
            st.badge(title, color=colour)
            length = words.minutes((end - begin).total_seconds() / 60)
            st.markdown(f"**{length}**, {begin:%d %b %Y %H:%M} to {end:%d %b %H:%M}")
        st.caption(
            f"{plain(one['asked_by_name'])}, {one['created_at'].astimezone(where):%d %b %Y %H:%M}: {plain(one['reason'])}"
        )
        if words.is_known(one["decision"]):
            _decided(one, f"{one['decided_at'].astimezone(where):%d %b %Y %H:%M}")
        else:
            _acts(actor, one)


def _decided(one: dict[str, Any], at: str) -> None:
    who = one["decided_by_name"] if not pd.isna(one["decided_by_name"]) else "The portal"
    note = f": {plain(one['decision_note'])}" if one["decision_note"] else ""
    st.caption(f"{words.DECISIONS[one['decision']][0]} by {plain(who)}, {at}{note}")


def _acts(actor: Actor, one: dict[str, Any]) -> None:
    """Who asked may withdraw; somebody else decides."""
    key, version = UUID(one["id"]), int(one["version"])
    is_own = actor.operator_id is not None and str(one["asked_by"]) == str(actor.operator_id)
    with st.container(horizontal=True):
        if actor.may("sla:approve") and not is_own:
            if st.button("Approve", key=f"approve_{key}", icon=":material/check:", type="primary"):
                run_action(
                    exclusions.approve, actor, key, version=version, done="Approved. The month is computed again."
                )
            if st.button("Refuse", key=f"refuse_{key}", icon=":material/block:"):
                st.session_state[_CHOSEN] = str(key)
                dialogs.open_now("refuse", version)
        if actor.may("sla:update") and is_own and st.button("Withdraw", key=f"withdraw_{key}", icon=":material/undo:"):
            run_action(exclusions.withdraw, actor, key, version=version, done="Withdrawn.")
        if is_own and actor.may("sla:approve"):
            st.caption("Somebody else decides about it.")


@st.dialog("Refuse the exclusion", on_dismiss=dialogs.close)
def _refuse(actor: Actor, key: str) -> None:
    st.write("The minutes count as before. Who asked reads your note here.")
    note = st.text_area(
        "Note",
        key="refuse_note",
        max_chars=MOST_NOTE,
        placeholder="The monitor was right: customers saw the error, too",
    )
    if st.button("Refuse", key="refuse_submit", type="primary"):
        given = {"note": note, "version": dialogs.version()}
        run_action(exclusions.refuse, actor, UUID(key), **given, done=dialogs.closing("Refused."))

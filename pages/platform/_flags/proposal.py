"""One proposal: who, what for, before and after, and the decision of a second person."""

from typing import Any
from uuid import UUID

import orjson
import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import actions
from pages._parts.frame import run_action, zone
from pages.platform._flags import differences, saving, viewer, words

_COLOURS: Any = {"waiting": "blue", "approved": "green", "rejected": "red", "withdrawn": "gray"}


def one(actor: Actor, change: dict[str, Any]) -> None:
    """One proposal: who, what for, before and after, and what can be done with it."""
    here = zone(actor)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"{words.plain(change['flag'])} in {change['environment']}", anchor=False)
        st.badge(change["outcome"].capitalize(), color=_COLOURS[change["outcome"]])
        told = "The start of the hash of the content. Who approves, approves exactly this."
        st.badge(change["content_hash"][:12], icon=":material/fingerprint:", color="gray", help=told)
    st.markdown(words.plain(change["explanation"]))
    st.caption(f"Proposed by {words.plain(change['proposed_by_name'])}, {words.moment(change['created_at'], here)}")
    saving.table(_differences(change, actor))
    if change["outcome"] != "waiting":
        why = f": {words.plain(change['decision_reason'])}" if change["decision_reason"] else ""
        who = words.plain(change["decided_by_name"])
        st.caption(f"{change['outcome'].capitalize()} by {who}, {words.moment(change['decided_at'], here)}{why}")
        return
    _decide(actor, change)


def _differences(change: dict[str, Any], actor: Actor) -> list[differences.Difference]:
    rows = change["differences"].to_dict("records")
    parsed = [(row["field"], _value(row["before"]), _value(row["after"])) for row in rows]
    return differences.of_fields(parsed, viewer.here(actor))


def _value(text: Any) -> Any:
    return None if text is None or pd.isna(text) else orjson.loads(text)


def _decide(actor: Actor, change: dict[str, Any]) -> None:
    if not change["is_current"]:
        st.warning(
            "The flag changed since this was proposed, so that it cannot be approved any more. Propose it again.",
            icon=":material/sync_problem:",
        )
    may_review = actor.may("flags:review") and not change["is_own"]
    if change["is_own"]:
        st.info("You proposed this, so somebody else decides.", icon=":material/group:")
    elif not may_review:
        st.info("Your role does not review changes (flags:review).", icon=":material/lock:")
    with st.container(horizontal=True):
        if may_review:
            is_late = not change["is_current"]
            if st.button("Approve", key="approve", type="primary", icon=":material/check:", disabled=is_late):
                approve(actor, change)
            if st.button("Reject", key="reject", icon=":material/close:"):
                reject(actor, change)
        if change["is_own"] and st.button("Withdraw", key="withdraw", icon=":material/undo:"):
            run_action(actions.withdraw, actor, UUID(str(change["id"])), done="Withdrawn.")


@st.dialog("Approve change")
def approve(actor: Actor, change: dict[str, Any]) -> None:
    """Approves exactly the content that was shown."""
    st.markdown(
        f"**{words.plain(change['flag'])}** changes in {change['environment']} at once. "
        f"You approve the content `{change['content_hash'][:12]}`."
    )
    if st.button("Approve", key="approve_submit", type="primary"):
        run_action(
            actions.approve, actor, UUID(str(change["id"])), content_hash=change["content_hash"],
            done="Approved. The change counts now.",
        )  # fmt: skip


@st.dialog("Reject change")
def reject(actor: Actor, change: dict[str, Any]) -> None:
    """Asks why; the proposer reads it."""
    with st.form("reject_change", border=False):
        reason = st.text_area("Reason", key="reject_reason", max_chars=500, placeholder="What should be different")
        if st.form_submit_button("Reject", type="primary", key="reject_submit"):
            run_action(actions.reject, actor, UUID(str(change["id"])), reason=reason, done="Rejected.")

"""One request: what would change, and the decision."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.customers.configuration import actions, queries
from core.customers.configuration.catalogue import SETTINGS
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import clock
from pages.customers._configuration import words

_COLOURS = {"waiting": "orange", "approved": "green", "rejected": "red", "withdrawn": "gray"}


def wish(row: Mapping[Any, Any]) -> str:
    """What is asked for, in a few words."""
    return "Clear the override" if row["operation"] == "clear" else words.of_key(row["key"], row["value"])


def show(actor: Actor, request: dict[str, Any]) -> None:
    """The request in full, with what counts now."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{words.title(request['key'])}** · `{request['key']}`", width="content")
            st.badge(request["outcome"].capitalize(), color=_COLOURS[request["outcome"]])  # type: ignore[arg-type]
        st.page_link(
            "customers/configuration.py", label=plain(request["tenant"]), icon=":material/apartment:",
            query_params={"view": "Inspect", "tenant": str(request["tenant_id"]), "setting": request["key"]},
        )  # fmt: skip
        _change(actor, request)
        st.markdown(f"{plain(request['reason'])}")
        asked = clock(request["created_at"], zone(actor), now=utc_now())
        st.caption(f"Asked by {plain(request['proposed_by_name'])}, {asked}")
        _decision(actor, request)


def _change(actor: Actor, request: dict[str, Any]) -> None:
    if request["key"] not in SETTINGS:
        st.warning("The catalogue does not have this setting any more. Reject the request.", icon=":material/error:")
        return
    now = queries.one(actor, request["tenant_id"], request["key"])
    with st.container(horizontal=True):
        st.metric(f"Now, from {words.SOURCES[now['source']].lower()}", words.of_row(now), border=True)
        st.metric("Asked for", wish(request), border=True)
        if request["operation"] == "set":
            st.metric("For how long", words.until(request["expires_at"], zone(actor)), border=True)
    if now["version"] != request["base_version"] and request["outcome"] == "waiting":
        st.warning(
            "The setting was changed since this was asked for. It can only be rejected.", icon=":material/error:"
        )


def _decision(actor: Actor, request: dict[str, Any]) -> None:
    if request["outcome"] != "waiting":
        why = f": {plain(request['decision_reason'])}" if request["decision_reason"] else "."
        decided = clock(request["decided_at"], zone(actor), now=utc_now())
        st.caption(f"{request['outcome'].capitalize()} by {plain(request['decided_by_name'])}, {decided}{why}")
    elif request["proposed_by"] == actor.operator_id:
        st.caption("This is your own request; somebody else decides it.")
        if st.button("Withdraw", key="request_withdraw", icon=":material/undo:"):
            run_action(actions.withdraw, actor, request["id"], done="Withdrawn.")
    elif actor.may("configuration:approve"):
        _decide(actor, request)
    else:
        st.caption("Your role does not decide requests (configuration:approve).")


def _decide(actor: Actor, request: dict[str, Any]) -> None:
    version = request["version"]
    if st.button("Approve", key="request_approve", type="primary", icon=":material/check:"):
        run_action(actions.approve, actor, request["id"], version=version, done="Approved. It counts from now on.")
    with st.form("request_reject", border=False):
        reason = st.text_input("Reason to reject it", key="request_reason", max_chars=500)
        if st.form_submit_button("Reject", key="request_reject_submit", icon=":material/close:"):
            run_action(actions.reject, actor, request["id"], reason=reason, version=version, done="Rejected.")

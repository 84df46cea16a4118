"""What can be done with a rule besides editing it."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.health.alerts import rule_actions
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.health._alerts.dialogs import dialogs


def show(actor: Actor, rule: Any, leave: Callable[[], None]) -> None:
    """The buttons that fit state and rights; `leave` runs when the rule is gone."""
    with st.container(horizontal=True):
        if actor.may("alert_rules:update"):
            if not rule.is_enabled and st.button("Enable", key="enable_rule", icon=":material/play_arrow:"):
                run_action(rule_actions.enable, actor, rule.id, done="Enabled.")
            if rule.is_enabled and st.button("Disable", key="disable_rule", icon=":material/pause:"):
                dialogs.open_now("disable_rule")
        if actor.may("alert_rules:delete") and st.button("Delete", key="delete_rule", icon=":material/delete:"):
            dialogs.open_now("delete_rule", rule.version)
    if dialogs.is_open("disable_rule"):
        _disable(actor, rule)
    if dialogs.is_open("delete_rule"):
        _delete(actor, rule, leave)


@st.dialog("Disable rule", on_dismiss=dialogs.close)
def _disable(actor: Actor, rule: Any) -> None:
    st.write("It watches no more. Its live alerts end with the next look, because nobody knows whether they are over.")
    with st.form("disable_rule_form", border=False):
        reason = st.text_area("Reason", key="disable_rule_reason", max_chars=500, placeholder="Too noisy for now")
        if st.form_submit_button("Disable", type="primary", key="disable_rule_submit"):
            run_action(rule_actions.disable, actor, rule.id, reason=reason, done=dialogs.closing("Disabled."))


@st.dialog("Delete rule", on_dismiss=dialogs.close)
def _delete(actor: Actor, rule: Any, leave: Callable[[], None]) -> None:
    st.write(f"**{plain(rule.name)}** is gone for good, and its live alerts end; what it found stays in the inbox.")
    with st.form("delete_rule_form", border=False):
        reason = st.text_area("Reason", key="delete_rule_reason", max_chars=500, placeholder="Replaced by another rule")
        if st.form_submit_button("Delete", type="primary", key="delete_rule_submit"):
            run_action(_deleted, actor, rule, reason, leave, done=dialogs.closing("Deleted."))


def _deleted(actor: Actor, rule: Any, reason: str, leave: Callable[[], None]) -> None:
    rule_actions.delete(actor, rule.id, reason=reason, version=dialogs.version())
    leave()

"""One rule, or a new one: the form, the dry run over the past, what it has found."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.health.alerts import queries, rule_actions
from core.health.alerts.cleaning import DEFAULTS
from core.health.alerts.dry_run import values_of
from core.health.alerts.queries import Filters
from core.health.alerts.words import sentence
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN
from pages.health._alerts import dry_run, inbox_grid, rule_acts, rule_form, words

NEW = "new"
_FRESH: dict[str, Any] = {
    **DEFAULTS, "name": "", "kind": "threshold", "measure": "server.cpu", "per": "server_id", "bound": 0.8,
}  # fmt: skip


def show(actor: Actor, key: str) -> None:
    """The rule with that id, or the form of a new one."""
    if st.button("All rules", key="back_to_rules", icon=":material/arrow_back:", type="tertiary"):
        _leave()
        st.rerun()
    if key == NEW:
        _new(actor)
        return
    try:
        rule = queries.one_rule(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This rule does not exist. Go back to the list.", icon=":material/search_off:")
        return
    _known(actor, rule)


def _leave() -> None:
    st.query_params.pop("rule", None)
    st.query_params["tab"] = "Rules"
    st.session_state["tab"] = "Rules"
    dry_run.forget()


def _new(actor: Actor) -> None:
    st.header("New rule", anchor=False)
    if not actor.may("alert_rules:create"):
        st.info("Your role does not make rules (alert_rules:create).", icon=":material/lock:")
        return
    typed = rule_form.fields(_FRESH, "new_rule")
    with st.container(horizontal=True):
        dry_run.button(actor, typed)
        if st.button("Create rule", key="rule_submit", type="primary", icon=":material/add:"):
            run_action(_created, actor, typed, done="Created. It is watched from now on.")
    dry_run.show(actor, typed)


def _created(actor: Actor, typed: dict[str, Any]) -> Any:
    made = rule_actions.create(actor, **typed)
    _leave()
    return made


def _known(actor: Actor, rule: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(plain(rule.name), anchor=False, width="content")
        said, colour = words.SEVERITIES[rule.severity]
        st.badge(said, color=colour)
        st.badge("Enabled" if rule.is_enabled else "Disabled", color="green" if rule.is_enabled else "gray")
    st.caption(plain(f"{words.KINDS[rule.kind]}: {sentence(rule)}"))
    rule_acts.show(actor, rule, _leave)
    typed = values_of(rule)
    if actor.may("alert_rules:update"):
        with st.expander("Edit", icon=":material/edit:", key="rule_edit"):
            typed = rule_form.fields(typed, f"rule_{rule.id}_{rule.version}")
            typed.pop("is_enabled", None)
            if st.button("Save", key="rule_submit", type="primary"):
                run_action(rule_actions.update, actor, rule.id, version=rule.version, **typed, done="Saved.")
    st.subheader("Over the past 30 days", anchor=False)
    dry_run.button(actor, typed)
    dry_run.show(actor, typed)
    _found(actor, rule.id)


def _found(actor: Actor, rule_id: UUID) -> None:
    """The newest alerts of the rule."""
    st.subheader("Its alerts", anchor=False)
    page = queries.inbox(actor, Filters(tuple(words.STATUSES), rule_id=rule_id, with_children=True), limit=20)
    if page.frame.empty:
        st.info("It has not fired yet.", icon=":material/inbox:")
        return
    shown = inbox_grid.shown(page.frame).assign(open="/alerts?alert=" + page.frame["id"].astype(str))
    columns = inbox_grid.columns(str(zone(actor))) | {
        "open": st.column_config.LinkColumn("", display_text="Open", width=60)
    }
    st.dataframe(
        shown[["severity", "status", "subject", "opened_at", "value", "bound", "occurrences", "marks", "open"]],
        hide_index=True, key="rule_alerts", placeholder=UNKNOWN, height="content", column_config=columns,
    )  # fmt: skip

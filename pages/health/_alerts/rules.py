"""The rules: what is watched for, whether it fires now, switched on and off."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.alerts import queries, rule_actions
from core.kernel.actor import Actor
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row
from pages.health._alerts import words
from pages.health._alerts.dialogs import dialogs

SHOWN = ["is_enabled", "name", "sentence", "severity", "area", "outcome", "firing", "told", "evaluated_at"]
_TURN, _CHOSEN = "rules_turn", "rules_chosen"


def show(actor: Actor) -> None:
    """The list; a click opens a rule, ticked ones are enabled or disabled."""
    if not actor.may("alert_rules:read"):
        st.info("Your role does not see the rules (alert_rules:read).", icon=":material/lock:")
        return
    text = _head(actor)
    if dialogs.is_open("disable_rules"):
        _disable(actor)
    found = queries.rules(actor, text=text)
    if found.empty:
        told = (
            "No rule matches. Clear the search." if text else "There are no rules, so nothing is watched. Create one."
        )
        st.info(told, icon=":material/inbox:")
        return
    event = st.dataframe(
        _shown(found), hide_index=True, key=f"rules_{st.session_state.get(_TURN, 0)}", on_select="rerun", placeholder=UNKNOWN,
        selection_mode=["multi-row", "single-cell"], height="content" if len(found) <= 18 else 660,
        column_config=_columns(str(zone(actor))),
    )  # fmt: skip
    if event.selection.cells:
        _unselect()
        open_row("rules", "rule", found["id"].iloc[event.selection.cells[0][0]])
    if actor.may("alert_rules:update"):
        _acts(actor, found.iloc[event.selection.rows])


def _head(actor: Actor) -> str:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Search", key="rules_q", bind="query-params", placeholder="Name", icon=":material/search:")
        if actor.may("alert_rules:create") and st.button(
            "Create rule", key="create_rule", type="primary", icon=":material/add:"
        ):
            st.query_params["rule"] = "new"
            st.rerun()
    return text


def _shown(found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(
        severity=words.column(([words.SEVERITIES[one][0]] for one in found["severity"]), found),
        area=[words.area(one) for one in found["area"]],
        outcome=words.column(
            (None if words.is_unknown(one) else words.OUTCOMES[one][0] for one in found["outcome"]), found
        ),
        firing=found["firing"].where(found["firing"] > 0),
    )[SHOWN]


def _columns(here: str) -> dict[str, Any]:
    column = st.column_config
    titles, colours = zip(*words.SEVERITIES.values(), strict=True)
    return {
        "is_enabled": column.CheckboxColumn("Enabled", width=65),
        "name": column.TextColumn("Rule", width=210),
        "sentence": column.TextColumn("Watches for", width=290),
        "severity": column.MultiselectColumn("Severity", options=list(titles), color=list(colours), width=80),
        "area": column.TextColumn("Area", width=90),
        "outcome": column.TextColumn("Now", width=75),
        "firing": column.NumberColumn("Firing", width=55),
        "told": column.TextColumn("What the last look found", width=150),
        "evaluated_at": column.DatetimeColumn("Looked", format="distance", timezone=here, width=95),
    }


def _acts(actor: Actor, chosen: pd.DataFrame) -> None:
    off = [UUID(str(one)) for one in chosen.loc[~chosen["is_enabled"].astype(bool), "id"]]
    on = [UUID(str(one)) for one in chosen.loc[chosen["is_enabled"].astype(bool), "id"]]
    with st.container(horizontal=True):
        if st.button(
            f"Enable {len(off) or ''}".strip(), key="enable_rules", icon=":material/play_arrow:", disabled=not off
        ):
            run_action(_enable, actor, off, done="Enabled.")
        if st.button(f"Disable {len(on) or ''}".strip(), key="disable_rules", icon=":material/pause:", disabled=not on):
            st.session_state[_CHOSEN] = on
            dialogs.open_now("disable_rules")


def _enable(actor: Actor, ids: list[UUID]) -> None:
    for one in ids:
        rule_actions.enable(actor, one)
    _unselect()


@st.dialog("Disable rules", on_dismiss=dialogs.close)
def _disable(actor: Actor) -> None:
    ids = st.session_state.get(_CHOSEN, [])
    st.write(
        "They watch no more. Their live alerts end with the next look, because nobody knows whether they are over."
    )
    with st.form("disable_rules_form", border=False):
        reason = st.text_area(
            "Reason", key="disable_rules_reason", max_chars=500, placeholder="Replaced by another rule"
        )
        if st.form_submit_button("Disable", type="primary", key="disable_rules_submit"):
            run_action(_disabled, actor, ids, reason, done=dialogs.closing("Disabled."))


def _disabled(actor: Actor, ids: list[UUID], reason: str) -> None:
    for one in ids:
        rule_actions.disable(actor, one, reason=reason)
    _unselect()


def _unselect() -> None:
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1

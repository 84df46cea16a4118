"""Silences: what is kept quiet, by whom, why and until when."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.alerts import queries, silence_actions
from core.kernel.actor import Actor
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages.health._alerts import silence_form, words
from pages.health._alerts.dialogs import dialogs

STATES = {"active": "Active", "planned": "Planned", "ended": "Over"}


def show(actor: Actor) -> None:
    """The list, the form of a new one, and the end of those that are ticked."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with_past = st.toggle("With those that are over", key="past", bind="query-params")
        if actor.may("alerts:update") and st.button(
            "Create silence", key="create_silence", type="primary", icon=":material/add:"
        ):
            dialogs.open_now(silence_form.CREATE)
    if dialogs.is_open(silence_form.CREATE):
        silence_form.create(actor, None)
    found = queries.silences(actor, with_past=with_past)
    if found.empty:
        st.info("Nothing is silenced. Alerts reach whom the routes say.", icon=":material/notifications_active:")
        return
    told = found.assign(state=found["state"].map(STATES), matchers=_matchers(actor, found))
    event = st.dataframe(
        told[["state", "matchers", "matching", "starts_at", "ends_at", "by", "reason"]],
        hide_index=True, key=f"silences_{st.session_state.get('silences_turn', 0)}", on_select="rerun", placeholder=UNKNOWN,
        selection_mode="multi-row", height="content" if len(found) <= 15 else 560, column_config=_columns(str(zone(actor))),
    )  # fmt: skip
    if actor.may("alerts:update"):
        _acts(actor, found.iloc[event.selection.rows])


def _matchers(actor: Actor, found: pd.DataFrame) -> list[str]:
    """What each silence matches, in words."""
    rules = queries.rules(actor) if actor.may("alert_rules:read") else None
    names = dict(zip(rules["id"], rules["name"], strict=True)) if rules is not None else {}
    return [_matcher(row, names) for row in found.to_dict("records")]


def _matcher(row: dict[Any, Any], names: dict[str, str]) -> str:
    parts = [
        ", ".join(names.get(str(one), "a rule that was deleted") for one in row["rule_ids"]),
        ", ".join(words.area(one) for one in row["areas"]),
        ", ".join(words.SEVERITIES[one][0] for one in row["severities"]),
        "" if words.is_unknown(row["subject_pattern"]) else f"subject {row['subject_pattern']}",
    ]
    return " · ".join(part for part in parts if part)


def _columns(here: str) -> dict[str, Any]:
    column = st.column_config
    return {
        "state": column.TextColumn("State", width=75),
        "matchers": column.TextColumn("What", width=300),
        "matching": column.NumberColumn("Live alerts", width=85, help="Those that it keeps quiet now."),
        "starts_at": column.DatetimeColumn("From", format="YYYY-MM-DD HH:mm", timezone=here, width=130),
        "ends_at": column.DatetimeColumn("Until", format="YYYY-MM-DD HH:mm", timezone=here, width=130),
        "by": column.TextColumn("By", width=140),
        "reason": column.TextColumn("Why", width=260),
    }


def _acts(actor: Actor, chosen: Any) -> None:
    ids = [UUID(str(one)) for one in chosen.loc[chosen["state"] != "ended", "id"]]
    label = f"Expire {len(ids)}" if ids else "Expire"
    if st.button(label, key="expire", icon=":material/notifications_active:", disabled=not ids):
        run_action(_expire, actor, ids, done="Expired. Alerts that match are told again.")


def _expire(actor: Actor, ids: list[UUID]) -> None:
    for one in ids:
        silence_actions.expire(actor, one)
    st.session_state["silences_turn"] = st.session_state.get("silences_turn", 0) + 1

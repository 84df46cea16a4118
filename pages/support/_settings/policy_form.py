"""The form of a policy, new or old."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.support.sla import actions, effects, queries, rules
from pages._parts.frame import run_action
from pages.support import _words as words
from pages.support._settings import preview, target_fields
from pages.support._settings.dialogs import dialogs

_USUAL = {"name": "", "position": 100, "calendar_id": None, "conditions": {}, "targets": {}, "pauses_in": ["waiting"]}
_TITLES = {
    "priority": "Priority",
    "tier": "Plan",
    "region": "Region",
    "channel": "Channel",
    "category": "Category",
    "tag": "Tag",
}


@st.dialog("Create policy", width="large", on_dismiss=dialogs.close)
def create(actor: Actor) -> None:
    """A new policy, and what it would change for open tickets."""
    typed = _values(actor, _USUAL, "new_policy")
    is_ready = preview.checked(typed, lambda: effects.of_policy(actor, None, typed), key="new_policy")
    if st.button("Create policy", type="primary", key="new_policy_submit", disabled=not is_ready):
        run_action(actions.create_policy, actor, **typed, done=dialogs.closing("Created."))


@st.dialog("Edit policy", width="large", on_dismiss=dialogs.close)
def edit(actor: Actor, policy: Mapping[str, Any]) -> None:
    """What it says, and what that would change for open tickets, before it is saved."""
    typed = _values(actor, policy, "policy")
    is_ready = preview.checked(typed, lambda: effects.of_policy(actor, policy["id"], typed), key="policy")
    if st.button("Save", type="primary", key="policy_submit", disabled=not is_ready):
        run_action(
            actions.update_policy,
            actor,
            policy["id"],
            version=dialogs.version(),
            **typed,
            done=dialogs.closing("Saved."),
        )


def _values(actor: Actor, policy: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name", policy["name"], key=f"{prefix}_name", max_chars=rules.MAX_NAME)
        position = st.number_input(
            "Position", 0, 100_000, policy["position"], 10, key=f"{prefix}_position", help="The lowest is tried first."
        )
        calendar_id = _calendar(actor, policy, prefix)
    conditions = _conditions(policy["conditions"], prefix)
    targets = target_fields.fields(policy["targets"], prefix)
    pauses_in = st.multiselect(
        "Clocks rest in",
        words.ACTIVE,
        policy["pauses_in"],
        key=f"{prefix}_pauses",
        format_func=words.STATUS.__getitem__,
    )
    return {"name": name, "position": position, "calendar_id": calendar_id, "conditions": conditions, "targets": targets,
            "pauses_in": pauses_in}  # fmt: skip


def _calendar(actor: Actor, policy: Mapping[str, Any], prefix: str) -> str | None:
    frame = queries.calendars(actor)
    names = dict(zip(frame["id"], frame["name"], strict=True))
    offered, known = list(names), str(policy["calendar_id"])
    chosen: str | None = st.selectbox(
        "Calendar", offered, offered.index(known) if known in offered else 0 if offered else None, key=f"{prefix}_calendar",
        format_func=lambda one: names.get(one, one),
    )  # fmt: skip
    return chosen


def _conditions(known: Mapping[str, list[str]], prefix: str) -> dict[str, list[str]]:
    st.caption("The ticket must meet each condition by one of its values; an empty one holds for all.")
    columns = st.columns(2)
    return {
        name: columns[place % 2].multiselect(
            title, sorted({*rules.KNOWN.get(name, ()), *known.get(name, ())}), known.get(name, []), key=f"{prefix}_{name}",
            accept_new_options=name not in rules.KNOWN, placeholder="All",
        )
        for place, (name, title) in enumerate(_TITLES.items())
    }  # fmt: skip

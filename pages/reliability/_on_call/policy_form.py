"""The form of an escalation policy, new or old."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.on_call import policies as actions
from core.reliability.on_call import rules
from pages._parts.frame import run_action
from pages.reliability._on_call import words
from pages.reliability._on_call.dialogs import dialogs

_STEPS, _KNOWN, _NEXT = "on_call_steps", "on_call_known_steps", "on_call_next_step"
_TARGETS = {"schedules": "Who is on call in", "operators": "Colleagues", "channels": "Alert channels"}
_FRESH: Mapping[str, Any] = {
    "name": "", "severities": [], "services": [], "repeats": 0, "repeat_after_minutes": 15,
}  # fmt: skip


def begin(steps: Sequence[Mapping[str, Any]]) -> None:
    """Starts an edit with these steps; what was typed in an edit before is forgotten."""
    st.session_state[_KNOWN], st.session_state[_STEPS] = {}, []
    for one in steps or [{"after_minutes": 0}]:
        _add(one)


def _add(step: Mapping[str, Any]) -> None:
    run = st.session_state[_NEXT] = st.session_state.get(_NEXT, 0) + 1
    key = f"step_{run}"
    st.session_state[_KNOWN][key] = {"schedules": [], "operators": [], "channels": []} | dict(step)
    st.session_state[_STEPS].append(key)


@st.dialog("Create policy", width="large", on_dismiss=dialogs.close)
def create(actor: Actor) -> None:
    """A policy pages by itself from the next incident on."""
    typed = _fields(actor, _FRESH, "new_policy")
    if st.button("Create policy", key="new_policy_submit", type="primary"):
        run_action(actions.create_policy, actor, **typed, done=dialogs.closing("Created."))


@st.dialog("Edit policy", width="large", on_dismiss=dialogs.close)
def edit(actor: Actor, row: Mapping[Any, Any]) -> None:
    """Pages that run go on as they began."""
    typed = _fields(actor, row, f"policy_{row['id']}")
    if st.button("Save", key="policy_submit", type="primary"):
        policy_id, version = UUID(str(row["id"])), dialogs.version()
        run_action(actions.update_policy, actor, policy_id, version=version, **typed, done=dialogs.closing("Saved."))


def _fields(actor: Actor, given: Mapping[Any, Any], prefix: str) -> dict[str, Any]:
    name = st.text_input("Name", given["name"], key=f"{prefix}_name", max_chars=rules.MAX_NAME)
    left, right = st.columns(2)
    severities = left.multiselect(
        "Pages by itself for", list(words.SEVERITIES), list(given["severities"]), key=f"{prefix}_severities",
        format_func=words.SEVERITIES.__getitem__, placeholder="Nothing: only by hand",
    )  # fmt: skip
    services = right.multiselect(
        "Of the services", list(given["services"]), list(given["services"]), key=f"{prefix}_services",
        accept_new_options=True, placeholder="All: type to name some",
    )  # fmt: skip
    steps = _steps(actor)
    left, right = st.columns(2)
    repeats = left.number_input("Repeat it", 0, rules.MAX_REPEATS, int(given["repeats"]), key=f"{prefix}_repeats",
                                help="How many times more all steps are taken while nobody acknowledges.")  # fmt: skip
    after = right.number_input("Minutes after the last step", 1, rules.MAX_MINUTES, int(given["repeat_after_minutes"]),
                               key=f"{prefix}_after", help="Then it begins again, or is given up.")  # fmt: skip
    return {
        "name": name, "severities": severities, "services": services, "steps": steps, "repeats": repeats,
        "repeat_after_minutes": after,
    }  # fmt: skip


def _steps(actor: Actor) -> list[dict[str, Any]]:
    offered = {
        "schedules": words.schedules(actor),
        "operators": words.colleagues(actor),
        "channels": words.channels(actor),
    }
    typed = [_step(key, place, offered) for place, key in enumerate(list(st.session_state[_STEPS]))]
    later = min((typed[-1]["after_minutes"] if typed else -10) + 10, rules.MAX_MINUTES)
    st.button(
        "Add step", key="add_step", icon=":material/add:", disabled=len(typed) >= rules.MAX_STEPS, on_click=_add,
        args=({"after_minutes": later},),
    )  # fmt: skip
    return typed


def _remove(key: str) -> None:
    st.session_state[_STEPS].remove(key)


def _step(key: str, place: int, offered: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    given = st.session_state[_KNOWN][key]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            after = st.number_input(
                f"Step {place + 1}: minutes since the first call", 0, rules.MAX_MINUTES, given["after_minutes"],
                key=f"{key}_after", help="The first one waits for nothing when this is 0.",
            )  # fmt: skip
            is_last = len(st.session_state[_STEPS]) == 1
            st.button(
                "Remove", key=f"{key}_remove", icon=":material/delete:", disabled=is_last, on_click=_remove, args=(key,)
            )
        columns = st.columns(len(_TARGETS))
        targets = {
            name: _targets(column, key, name, offered[name], given[name])
            for name, column in zip(_TARGETS, columns, strict=True)
        }
    return {"after_minutes": after, **targets}


def _targets(place: Any, key: str, name: str, names: Mapping[str, str], given: Sequence[str]) -> list[str]:
    """What was chosen once and is not offered any more stays until somebody takes it out."""
    offered = [*names, *(one for one in given if one not in names)]
    chosen: list[str] = place.multiselect(
        _TARGETS[name], offered, list(given), key=f"{key}_{name}", placeholder="None",
        format_func=lambda one: words.named(names, one),
    )  # fmt: skip
    return chosen

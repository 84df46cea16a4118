"""What people do with alerts, one or many: acknowledge, resolve, dismiss."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.alerts import actions
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages.health._alerts.dialogs import dialogs

_CHOSEN = "alerts_chosen"
ACTS = {
    "acknowledge": ("Acknowledge", "visibility", ("open",)),
    "resolve": ("Resolve", "check", ("open", "acknowledged")),
    "dismiss": ("Dismiss", "do_not_disturb_on", ("open", "acknowledged")),
}
_SAID = {"acknowledge": "Acknowledged", "resolve": "Resolved", "dismiss": "Dismissed"}
_TOLD = {
    "acknowledge": "You take them on: nothing escalates any more, and they stay until they are over.",
    "resolve": "They are over. What still fires opens an alert again.",
    "dismiss": "They do not matter. They stay dismissed as long as the same fires on.",
}


def acts(actor: Actor, chosen: pd.DataFrame) -> None:
    """The buttons for the ticked rows, each with how many of them it fits."""
    if not actor.may("alerts:update"):
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    for name, (label, icon, statuses) in ACTS.items():
        ids = [UUID(str(one)) for one in chosen.loc[chosen["status"].isin(statuses), "id"]]
        counted = f"{label} {len(ids)}" if ids else label
        if row.button(counted, key=name, icon=f":material/{icon}:", disabled=not ids):
            begin(name, ids)
    if len(chosen):
        row.caption(f"{len(chosen)} ticked; the table stands still meanwhile.")


def begin(name: str, ids: list[UUID]) -> None:
    """Opens the dialog about these alerts."""
    st.session_state[_CHOSEN] = ids
    dialogs.open_now(name)


def dialogs_of(actor: Actor, after: Callable[[], None]) -> None:
    """The dialog that is open; `after` runs when it was done."""
    for name in ACTS:
        if dialogs.is_open(name):
            _dialog(actor, name, after)


def _dialog(actor: Actor, name: str, after: Callable[[], None]) -> None:
    ids: list[UUID] = st.session_state.get(_CHOSEN, [])
    label = ACTS[name][0]

    @st.dialog(f"{label} {_counted(len(ids))}", on_dismiss=dialogs.close)
    def ask() -> None:
        st.write(_TOLD[name])
        with st.form(f"{name}_form", border=False):
            needed = name == "dismiss"
            text = st.text_area(
                "Reason" if needed else "Note (optional)", key=f"{name}_text", max_chars=500,
                placeholder="A planned load test" if needed else "I am looking at it",
            )  # fmt: skip
            if st.form_submit_button(label, type="primary", key=f"{name}_submit"):
                run_action(_do, actor, name, ids, text, after, done=dialogs.closing(f"{_SAID[name]}."))

    ask()


def _do(actor: Actor, name: str, ids: list[UUID], text: str, after: Callable[[], None]) -> Any:
    done = _ACTIONS[name](actor, ids, text)
    after()
    return done


def _counted(number: int) -> str:
    return "1 alert" if number == 1 else f"{number:,} alerts"


_ACTIONS: dict[str, Callable[[Actor, list[UUID], str], Any]] = {
    "acknowledge": lambda actor, ids, text: actions.acknowledge(actor, ids, note=text.strip() or None),
    "resolve": lambda actor, ids, text: actions.resolve(actor, ids, note=text.strip() or None),
    "dismiss": lambda actor, ids, text: actions.dismiss(actor, ids, reason=text),
}

"""What can be done with one error or with many."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.health.errors import actions, states
from core.health.errors.actions import Triaged
from core.health.errors.assignees import assignees
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages.health._errors.dialogs import dialogs

_CHOSEN, NOBODY = "errors_chosen", "Nobody"
# verb -> (label, icon, what to call it when done)
VERBS: dict[str, tuple[str, str, str]] = {
    "acknowledge": ("Acknowledge", ":material/visibility:", "Acknowledged"),
    "resolve": ("Resolve", ":material/check_circle:", "Resolved"),
    "assign": ("Assign", ":material/person_add:", "Assigned"),
    "ignore": ("Ignore", ":material/notifications_off:", "Ignored"),
    "reopen": ("Reopen", ":material/undo:", "Reopened"),
}
_ACTIONS: dict[str, Callable[..., Triaged]] = {
    "acknowledge": actions.acknowledge, "resolve": actions.resolve, "ignore": actions.ignore, "reopen": actions.reopen,
}  # fmt: skip


def one(actor: Actor, row: dict[str, Any]) -> None:
    """The buttons that fit the error's state."""
    verbs = {*states.offered(row["state"]), "assign"}
    _buttons(actor, {row["fingerprint"]: row["version"]}, [verb for verb in VERBS if verb in verbs])


def many(actor: Actor, chosen: pd.DataFrame) -> None:
    """The buttons for the ticked rows of the table."""
    if chosen.empty:
        return
    fitting = {verb for state in chosen["states"] for verb in states.offered(state)} | {"assign"}
    versions = dict(zip(chosen["fingerprint"], chosen["version"].astype(int), strict=True))
    st.caption(f"{len(versions)} chosen")
    _buttons(actor, versions, [verb for verb in VERBS if verb in fitting])


def _buttons(actor: Actor, versions: dict[str, int], verbs: list[str]) -> None:
    if not actor.may("errors:update"):
        return
    with st.container(horizontal=True):
        for verb in verbs:
            label, icon, _ = VERBS[verb]
            if not st.button(label, key=f"errors_{verb}", icon=icon):
                continue
            if verb in ("acknowledge", "reopen"):
                run_action(_ACTIONS[verb], actor, list(versions), versions=versions, done=_said(verb))
            else:
                st.session_state[_CHOSEN] = versions
                dialogs.open_now(verb)


def _said(verb: str) -> Callable[[Triaged], str]:
    """What was done; of many, also what was not."""

    def said(done: Triaged) -> str:
        _unselect()
        told = f"{VERBS[verb][2]}." if len(done.changed) == 1 else f"{VERBS[verb][2]} {len(done.changed)} errors."
        return (
            told
            if not done.skipped
            else f"{told} {len(done.skipped)} left as they are: {next(iter(done.skipped.values()))}"
        )

    return said


def _unselect() -> None:
    """A table of another name has no ticks."""
    st.session_state["errors_opened"] = st.session_state.get("errors_opened", 0) + 1


def open_dialog(actor: Actor) -> None:
    """Draws the dialog that a button opened."""
    for verb, dialog in _DIALOGS.items():
        if dialogs.is_open(verb):
            dialog(actor)


def _chosen() -> dict[str, int]:
    known: dict[str, int] = st.session_state.get(_CHOSEN, {})
    return known


def _what() -> str:
    return "this error" if len(_chosen()) == 1 else f"these {len(_chosen())} errors"


@st.dialog("Resolve", on_dismiss=dialogs.close, icon=":material/check_circle:")
def _resolve(actor: Actor) -> None:
    st.write(f"Marks {_what()} as mended. What is seen again after that shows as returned.")
    with st.form("resolve_errors", border=False):
        note = st.text_area("Note", key="resolve_note", max_chars=states.MAX_NOTE, placeholder="Fixed in release 4.2")
        if st.form_submit_button("Resolve", type="primary", key="resolve_submit"):
            done = dialogs.closing(_said("resolve"))
            run_action(actions.resolve, actor, list(_chosen()), note=note, versions=_chosen(), done=done)


@st.dialog("Ignore", on_dismiss=dialogs.close, icon=":material/notifications_off:")
def _ignore(actor: Actor) -> None:
    st.write(f"Nobody is asked to look at {_what()} any more, however often seen. The counting goes on.")
    with st.form("ignore_errors", border=False):
        reason = st.text_area("Reason", key="ignore_reason", max_chars=500, placeholder="A scanner that sends nonsense")
        if st.form_submit_button("Ignore", type="primary", key="ignore_submit"):
            done = dialogs.closing(_said("ignore"))
            run_action(actions.ignore, actor, list(_chosen()), reason=reason, versions=_chosen(), done=done)


@st.dialog("Assign", on_dismiss=dialogs.close, icon=":material/person_add:")
def _assign(actor: Actor) -> None:
    people = assignees(actor)
    names: dict[str | None, str] = {None: NOBODY, **dict(zip(people["id"], people["name"], strict=True))}
    own = str(actor.id) if str(actor.id) in names else None
    with st.form("assign_errors", border=False):
        chosen = st.selectbox(
            "Assignee", list(names), list(names).index(own), key="assign_to", format_func=names.__getitem__,
            help="Colleagues in service who may read errors.",
        )  # fmt: skip
        if st.form_submit_button("Assign", type="primary", key="assign_submit"):
            assignee_id, done = UUID(chosen) if chosen else None, dialogs.closing(_said("assign"))
            run_action(actions.assign, actor, list(_chosen()), assignee_id=assignee_id, versions=_chosen(), done=done)


_DIALOGS: dict[str, Callable[[Actor], None]] = {"resolve": _resolve, "ignore": _ignore, "assign": _assign}

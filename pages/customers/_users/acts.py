"""What can be done with the people that are chosen: deactivate, activate, invite again, name owner or administrator."""

from collections.abc import Callable
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.users import actions, inviting, rules
from core.kernel.actor import Actor
from core.kernel.many import Outcome
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.customers._users import naming, outcomes
from pages.customers._users.opened import dialogs

_NAMED = 10  # people whom a dialog names before it counts the rest
_PEOPLE = "users_dialog_people"


def show(actor: Actor, chosen: pd.DataFrame, *, key: str) -> None:
    """The buttons that fit the choice, the dialog that one of them opened, and how the last act went."""
    outcomes.show(key)
    if not actor.may("users:update"):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if chosen.empty:
            st.caption(
                "Select people to deactivate, activate or invite them again; one of them to name an owner or administrator."
            )
        _buttons(chosen, key)
    for name, dialog in _DIALOGS.items():
        if dialogs.is_open(f"{key}_{name}"):
            dialog(actor, st.session_state[_PEOPLE], key)


def _buttons(chosen: pd.DataFrame, key: str) -> None:
    active, gone = chosen[chosen["deactivated_at"].isna()], chosen[chosen["deactivated_at"].notna()]
    if len(active) and st.button(_label("Deactivate", active), key=f"{key}_deactivate", icon=":material/person_off:"):
        _open("deactivate", active, key)
    if len(gone) and st.button(_label("Activate", gone), key=f"{key}_activate", icon=":material/how_to_reg:"):
        _open("activate", gone, key)
    is_one = len(chosen) == len(active) == 1
    if is_one and st.button("Reset invitation", key=f"{key}_invite", icon=":material/forward_to_inbox:"):
        _open("invite", active, key)
    for name, (label, icon) in naming.offered(active.iloc[0]).items() if is_one else ():
        if st.button(label, key=f"{key}_{name}", icon=f":material/{icon}:"):
            _open(name, active, key)


def _open(name: str, people: pd.DataFrame, key: str) -> None:
    """The dialog is about these people, wherever their rows move meanwhile."""
    st.session_state[_PEOPLE] = people
    dialogs.open_now(f"{key}_{name}")


def _label(verb: str, people: pd.DataFrame) -> str:
    return verb if len(people) == 1 else f"{verb} {len(people)}"


def _named(people: pd.DataFrame) -> str:
    names = ", ".join(f"**{plain(name)}**" for name in people["name"].head(_NAMED))
    return f"{names} and {len(people) - _NAMED} more" if len(people) > _NAMED else names


def _ids(people: pd.DataFrame) -> list[UUID]:
    return [UUID(key) for key in people["id"]]


def _told(people: pd.DataFrame, key: str, verb: str) -> Callable[[list[Outcome]], str]:
    return dialogs.closing(lambda found: outcomes.keep(key, people, found, verb))


@st.dialog("Deactivate", on_dismiss=dialogs.close)
def _deactivate(actor: Actor, people: pd.DataFrame, key: str) -> None:
    st.write(f"{_named(people)} can no longer sign in; seats become free. It can be undone.")
    with st.form("deactivate_users", border=False):
        reason = st.text_area("Reason", key="deactivate_reason", max_chars=500, placeholder="Left the company")
        if st.form_submit_button("Deactivate", type="primary", key="deactivate_submit"):
            done = _told(people, key, "Deactivated")
            run_action(actions.deactivate_many, actor, _ids(people), reason=reason, done=done)


@st.dialog("Activate", on_dismiss=dialogs.close)
def _activate(actor: Actor, people: pd.DataFrame, key: str) -> None:
    st.write(f"{_named(people)} can sign in again. Each takes a seat of the tenant.")
    if st.button("Activate", type="primary", key="activate_submit"):
        run_action(actions.activate_many, actor, _ids(people), done=_told(people, key, "Activated"))


@st.dialog("Reset invitation", on_dismiss=dialogs.close)
def _invite(actor: Actor, people: pd.DataFrame, key: str) -> None:
    person, days = people.iloc[0], rules.INVITATION_LIFE.days
    st.write(
        f"**{plain(person['name'])}** gets a new link by mail, to {plain(person['email'])}. It works once, for {days} days; "
        "an earlier one stops at once."
    )
    if st.button("Send invitation", type="primary", key="invite_submit"):
        done = dialogs.closing(lambda _: outcomes.forget(key, "Invitation queued."))
        run_action(inviting.reset_invitation, actor, UUID(person["id"]), done=done)


_DIALOGS = {"deactivate": _deactivate, "activate": _activate, "invite": _invite} | naming.DIALOGS

"""Naming one person the owner or an administrator of the tenant, and taking the latter back."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.users import naming
from core.kernel.actor import Actor
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.customers._users import outcomes
from pages.customers._users.opened import dialogs


def offered(person: Any) -> dict[str, tuple[str, str]]:
    """Label and icon of the acts that fit an active person."""
    acts = {}
    if not person["is_owner"]:
        acts["owner"] = ("Make owner", "shield_person")
        acts["remove_admin" if person["is_admin"] else "admin"] = (
            ("Remove administrator", "remove_moderator")
            if person["is_admin"]
            else ("Make administrator", "add_moderator")
        )
    return acts


def _done(key: str, sentence: str) -> Any:
    return dialogs.closing(lambda _: outcomes.forget(key, sentence))


@st.dialog("Make owner", on_dismiss=dialogs.close)
def _owner(actor: Actor, people: pd.DataFrame, key: str) -> None:
    person = people.iloc[0]
    st.write(
        f"**{plain(person['name'])}** answers for the tenant from now on, as an administrator. Who owned it before stays an"
        " administrator."
    )
    with st.form("name_owner", border=False):
        reason = st.text_area("Reason", key="owner_reason", max_chars=500, placeholder="Ann left; Bo takes over")
        if st.form_submit_button("Make owner", type="primary", key="owner_submit"):
            run_action(naming.name_owner, actor, UUID(person["id"]), reason=reason, version=int(person["version"]),
                       done=_done(key, "Owner changed."))  # fmt: skip


@st.dialog("Make administrator", on_dismiss=dialogs.close)
def _admin(actor: Actor, people: pd.DataFrame, key: str) -> None:
    person = people.iloc[0]
    st.write(f"**{plain(person['name'])}** may invite people and change the settings of the tenant.")
    if st.button("Make administrator", type="primary", key="admin_submit"):
        run_action(naming.name_admin, actor, UUID(person["id"]), version=int(person["version"]),
                   done=_done(key, "Administrator added."))  # fmt: skip


@st.dialog("Remove administrator", on_dismiss=dialogs.close)
def _remove_admin(actor: Actor, people: pd.DataFrame, key: str) -> None:
    person = people.iloc[0]
    st.write(f"**{plain(person['name'])}** stays, without the rights of an administrator.")
    with st.form("remove_admin", border=False):
        reason = st.text_area("Reason", key="remove_admin_reason", max_chars=500, placeholder="Changed team")
        if st.form_submit_button("Remove administrator", type="primary", key="remove_admin_submit"):
            run_action(naming.remove_admin, actor, UUID(person["id"]), reason=reason, version=int(person["version"]),
                       done=_done(key, "Administrator removed."))  # fmt: skip


DIALOGS = {"owner": _owner, "admin": _admin, "remove_admin": _remove_admin}

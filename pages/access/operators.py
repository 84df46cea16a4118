"""Operators: who may do what, who is in service."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.access.operators import actions, queries
from core.access.roles import queries as roles
from core.access.sessions import actions as sessions
from core.kernel.actor import Actor
from pages._parts.frame import begin_page, run_action, zone

SCOPES = {"all": "All tenants", "assigned": "Assigned tenants"}

actor = begin_page("access/operators")
known = roles.all_roles(actor)
titles = dict(zip(known["name"], known["title"], strict=True))


def scope_of(key: str, chosen: str | None = None) -> str | None:
    """Asks whose tenants the operator sees; None is what the role says."""
    given = list(SCOPES).index(chosen) if chosen in SCOPES else None
    return st.selectbox(
        "Tenants in sight", list(SCOPES), given, format_func=SCOPES.__getitem__, key=key, placeholder="As the role says"
    )


@st.dialog("Create operator")
def create(actor: Actor) -> None:
    """The form of a new account."""
    with st.form("create_operator", border=False):
        name = st.text_input("Name", key="new_name")
        email = st.text_input("E-mail", key="new_email")
        role = st.selectbox(
            "Role", list(titles), format_func=titles.__getitem__, index=None, key="new_role", placeholder="Choose one"
        )
        scope = scope_of("new_scope")
        password = st.text_input("First password", type="password", key="new_password", autocomplete="new-password")
        if st.form_submit_button("Create operator", type="primary", key="new_submit"):
            values = {"name": name, "email": email, "role": role or "", "scope": scope, "password": password}
            run_action(actions.create, actor, **values, done="Created.")


@st.dialog("Edit operator")
def edit(actor: Actor, one: pd.Series) -> None:
    """Name, role and scope; the time zone is the operator's own choice."""
    with st.form("edit_operator", border=False):
        name = st.text_input("Name", one["name"], key="edit_name")
        role = st.selectbox(
            "Role", list(titles), list(titles).index(one["role"]), format_func=titles.__getitem__, key="edit_role"
        )
        scope = scope_of("edit_scope", one["own_scope"] if pd.notna(one["own_scope"]) else None)
        if st.form_submit_button("Save", type="primary", key="edit_submit"):
            values = {"name": name, "role": role, "scope": scope}
            run_action(actions.update, actor, UUID(one["id"]), version=int(one["version"]), **values, done="Saved.")


@st.dialog("Disable operator")
def disable(actor: Actor, one: pd.Series) -> None:
    """Asks why."""
    st.write(f"**{one['name']}** is signed out everywhere at the next step and cannot sign in again until enabled.")
    with st.form("disable_operator", border=False):
        reason = st.text_input("Reason", key="disable_reason")
        if st.form_submit_button("Disable", type="primary", key="disable_submit"):
            run_action(actions.disable, actor, UUID(one["id"]), reason=reason, done="Disabled.")


@st.dialog("Set a new password")
def set_password(actor: Actor, one: pd.Series) -> None:
    """For somebody who lost his."""
    st.write(f"**{one['name']}** is signed out everywhere and signs in with this one. Hand it over by a safe way.")
    with st.form("set_password", border=False):
        password = st.text_input("New password", type="password", key="set_new", autocomplete="new-password")
        reason = st.text_input("Reason", key="set_reason")
        if st.form_submit_button("Set password", type="primary", key="set_submit"):
            given = {"password": password, "reason": reason}
            run_action(sessions.set_password, actor, UUID(one["id"]), **given, done="The new password counts now.")


if actor.may("operators:create") and st.button(
    "Create operator", key="create", type="primary", icon=":material/person_add:"
):
    create(actor)

people = queries.directory(actor)
shown = people[["name", "email", "role_title", "scope", "last_sign_in_at", "disabled_at"]].copy()
for column in ("last_sign_in_at", "disabled_at"):
    shown[column] = shown[column].dt.tz_convert(zone(actor).key)
event = st.dataframe(
    shown, hide_index=True, key="operators", on_select="rerun", selection_mode="single-row", placeholder="", height="content",
    column_config={
        "name": "Name", "email": "E-mail", "role_title": "Role", "scope": "Tenants in sight",
        "last_sign_in_at": st.column_config.DatetimeColumn("Last sign-in", format="YYYY-MM-DD HH:mm"),
        "disabled_at": st.column_config.DatetimeColumn("Disabled", format="YYYY-MM-DD HH:mm"),
    },
)  # fmt: skip
if not actor.may("operators:update"):
    st.stop()
if not event.selection.rows:
    st.caption("Select an operator to edit, disable or sign out.")
    st.stop()

chosen = people.iloc[event.selection.rows[0]]
with st.container(horizontal=True):
    if st.button("Edit", key="edit", icon=":material/edit:"):
        edit(actor, chosen)
    if pd.isna(chosen["disabled_at"]):
        if st.button("Disable", key="disable", icon=":material/person_off:"):
            disable(actor, chosen)
    elif st.button("Enable", key="enable", icon=":material/person_check:"):
        run_action(actions.enable, actor, UUID(chosen["id"]), done="Enabled.")
    if st.button("Set password", key="set_password", icon=":material/password:"):
        set_password(actor, chosen)
    if st.button("Sign out everywhere", key="end_all", icon=":material/logout:"):
        run_action(sessions.end_all, actor, UUID(chosen["id"]), done=lambda ended: f"Sessions ended: {ended}.")

"""Changing what a ticket is: only what was typed is saved, so that others' changes of other fields stay."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.support.tickets import actions, queries, rules
from pages.platform._flags import tenants
from pages.support import _words as words
from pages.support._queue import known
from pages.support._ticket import acting
from pages.support._ticket.dialogs import dialogs

_GIVEN = "ticket_edit_given"
FIELDS = ("subject", "priority", "category", "team_id", "tags", "tenant_id")


def begin(ticket: dict[str, Any]) -> None:
    """Opens the dialog on the values that are on the screen."""
    st.session_state[_GIVEN] = {name: ticket[name] for name in FIELDS}
    dialogs.open_now("edit", acting.base(ticket))


@st.dialog("Edit ticket", width="large", on_dismiss=dialogs.close)
def dialog(actor: Actor, ticket: dict[str, Any]) -> None:
    """The fields as they were when the dialog was opened, what somebody else changed since, and saving."""
    given: dict[str, Any] = st.session_state[_GIVEN]
    typed = _fields(actor, given)
    if st.button("Save", type="primary", key="edit_submit"):
        changed = {name: value for name, value in typed.items() if value != given[name]}
        if not changed:
            st.info("Nothing was changed.", icon=":material/info:")
            return
        acting.in_dialog(actor, ticket, actions.update, done="Saved.", **changed)
        _stored(actor, ticket, given)


def _fields(actor: Actor, given: dict[str, Any]) -> dict[str, Any]:
    teams, priorities = known.teams(actor), list(words.PRIORITY)
    subject = st.text_input("Subject", given["subject"], key="edit_subject", max_chars=rules.MAX_SUBJECT)
    with st.container(horizontal=True):
        priority = st.selectbox(
            "Priority", priorities, priorities.index(given["priority"]), key="edit_priority",
            format_func=words.PRIORITY.__getitem__, width=140,
        )  # fmt: skip
        category = st.selectbox(
            "Category", _with(known.categories(actor), given["category"]), index=_place(
                _with(known.categories(actor), given["category"]), given["category"]
            ), key="edit_category", accept_new_options=True, placeholder="Choose or type", width=200,
        )  # fmt: skip
        team_ids = _with(list(teams), given["team_id"])
        team_id = st.selectbox(
            "Team", team_ids, index=_place(team_ids, given["team_id"]), key="edit_team", placeholder="None", width=200,
            format_func=lambda one: teams.get(one, str(one)),
        )  # fmt: skip
    tags = st.multiselect(
        "Tags", sorted({*known.tags(actor), *given["tags"]}), given["tags"], key="edit_tags", accept_new_options=True,
        placeholder="Add a tag",
    )  # fmt: skip
    typed = {"subject": subject, "priority": priority, "category": category, "team_id": team_id, "tags": tags}
    if given["tenant_id"] is None:
        picked = tenants.pick(actor, "Tenant", key="edit_tenant")
        typed["tenant_id"] = tenants.required(actor, picked) if picked else None
    return typed


def _with(options: list[Any], value: Any) -> list[Any]:
    return options if value is None or value in options else [value, *options]


def _place(options: list[Any], value: Any) -> int | None:
    return options.index(value) if value is not None else None


def _stored(actor: Actor, ticket: dict[str, Any], given: dict[str, Any]) -> None:
    """After a conflict: what is stored now where it is not what the dialog began with."""
    now = queries.one(actor, ticket["id"])
    told: dict[str, Callable[[Any], Any]] = {
        "priority": words.PRIORITY.get, "team_id": known.teams(actor).get, "tags": ", ".join,
    }  # fmt: skip
    labels = {"team_id": "Team", "tenant_id": "Tenant"}
    for name in FIELDS:
        if now[name] != given[name]:
            value = told[name](now[name]) if name in told and now[name] else now[name]
            st.text(f"{labels.get(name, name.capitalize())} is now: {value or 'none'}")

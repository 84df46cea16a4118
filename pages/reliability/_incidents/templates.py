"""Prepared texts for messages about incidents: write, change and take them out of use."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.communication import rules, templates
from pages._parts.frame import run_action
from pages.reliability._incidents import words
from pages.reliability._incidents.dialogs import dialogs

NEW = "new"
CHANNEL = {"status_page": "Status page", "mail": "Mail", "slack": "Slack and other channels"}


def button(actor: Actor) -> None:
    """The button, and the dialog with all templates; nothing for who writes no messages."""
    if not actor.may("incidents:update"):
        return
    if st.button("Templates", key="templates", icon=":material/article:"):
        dialogs.open_now("templates")
    if dialogs.is_open("templates"):
        _dialog(actor)


@st.dialog("Message templates", width="large", on_dismiss=dialogs.close)
def _dialog(actor: Actor) -> None:
    rows = {row["id"]: row for row in templates.directory(actor).to_dict("records")}
    chosen = st.selectbox(
        "Template", [NEW, *rows], key="template_choice",
        format_func=lambda key: "A new one" if key == NEW else f"{rows[key]['name']} · {CHANNEL[rows[key]['channel']]}",
    )  # fmt: skip
    row = rows.get(chosen)
    values = _fields(row or {})
    _placeholders()
    with st.container(horizontal=True):
        if st.button("Save", key="template_save", type="primary", icon=":material/save:"):
            _save(actor, row, values)
        if row and st.button("Archive", key="template_archive", icon=":material/archive:"):
            run_action(
                templates.archive, actor, UUID(row["id"]), version=int(row["version"]), done="Template archived."
            )


def _fields(row: dict[Any, Any]) -> dict[str, Any]:
    """What is typed; each template has fields of its own, so that nothing of one shows in another."""
    own = f"template_{row.get('id', NEW)}_{row.get('version', 0)}"
    with st.container(horizontal=True):
        name = st.text_input("Name", row.get("name", ""), key=f"{own}_name", max_chars=rules.MAX_NAME)
        channels, states = list(CHANNEL), [None, *words.STATUS]
        channel = st.selectbox(
            "Sent by", channels, channels.index(row.get("channel", channels[0])), key=f"{own}_channel", width=210,
            format_func=CHANNEL.__getitem__,
        )  # fmt: skip
        state = row.get("status")
        status = st.selectbox(
            "While", states, states.index(None if state is None or pd.isna(state) else state), key=f"{own}_status", width=160,
            format_func=lambda one: words.STATUS[one] if one else "Any state",
        )  # fmt: skip
    subject = st.text_input(
        "Subject or title", row.get("subject", ""), key=f"{own}_subject", max_chars=rules.MAX_SUBJECT
    )
    body = st.text_area("Text", row.get("body", ""), key=f"{own}_body", height=180, max_chars=rules.MAX_BODY)
    return {"name": name, "channel": channel, "status": status, "subject": subject, "body": body}


def _placeholders() -> None:
    with st.expander("Placeholders", icon=":material/data_object:"):
        known = [("{{" + name + "}}", told) for name, told in templates.PLACEHOLDERS.items()]
        st.dataframe(
            pd.DataFrame(known, columns=["Write", "It becomes"]),
            hide_index=True,
            key="template_placeholders",
            height=250,
        )


def _save(actor: Actor, row: dict[Any, Any] | None, values: dict[str, Any]) -> None:
    if row is None:
        run_action(templates.create, actor, done="Template saved.", **values)
        return
    run_action(templates.update, actor, UUID(row["id"]), version=int(row["version"]), done="Template saved.", **values)

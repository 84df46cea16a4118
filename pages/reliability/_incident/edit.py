"""Changing what an incident is: only what was typed is saved, so that others' changes of other fields stay."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import actions, rules
from pages._parts.frame import zone
from pages.reliability._incident import acting
from pages.reliability._incident.dialogs import dialogs
from pages.reliability._incidents import known, words

_GIVEN = "incident_edit_given"
FIELDS = ("title", "description", "kind", "services", "started_at", "public_title", "root_cause", "resolution")


def begin(incident: dict[str, Any]) -> None:
    """Opens the dialog on the values that are on the screen."""
    st.session_state[_GIVEN] = {name: incident[name] for name in FIELDS}
    dialogs.open_now("edit", incident["version"])


@st.dialog("Edit incident", width="large", on_dismiss=dialogs.close)
def dialog(actor: Actor, incident: dict[str, Any]) -> None:
    """The fields as they were when the dialog was opened, and saving."""
    given: dict[str, Any] = st.session_state[_GIVEN]
    typed = _what(given) | _where(actor, given) | _after(incident, given)
    if st.button("Save", type="primary", key="edit_submit", icon=":material/save:"):
        changed = {name: value for name, value in typed.items() if value != given[name]}
        if not changed:
            st.info("Nothing was changed.", icon=":material/info:")
            return
        acting.in_dialog(actor, incident, actions.update, done="Saved.", **changed)


def _what(given: dict[str, Any]) -> dict[str, Any]:
    title = st.text_input("Title", given["title"], key="edit_title", max_chars=rules.MAX_TITLE)
    public = st.text_input(
        "Public title", given["public_title"], key="edit_public", max_chars=rules.MAX_TITLE,
        placeholder="As customers read it; none means the title",
    )  # fmt: skip
    description = st.text_area("What is known", given["description"], key="edit_description", height=110)
    return {"title": title, "public_title": public, "description": description}


def _where(actor: Actor, given: dict[str, Any]) -> dict[str, Any]:
    kinds = list(words.KIND)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.selectbox(
            "Kind", kinds, kinds.index(given["kind"]), key="edit_kind", format_func=words.KIND.__getitem__, width=160
        )
        shown = given["started_at"].astimezone(zone(actor)).replace(tzinfo=None)
        picked = st.datetime_input(
            "Began", shown.replace(second=0, microsecond=0), key="edit_started", step=60, width=220
        )
    services = st.multiselect(
        "Services", sorted({*known.services(actor), *given["services"]}), given["services"], key="edit_services",
        accept_new_options=True, placeholder="None means everything",
    )  # fmt: skip
    is_same = picked == shown.replace(second=0, microsecond=0) or picked is None
    started_at = given["started_at"] if is_same else picked.replace(tzinfo=zone(actor))
    return {"kind": kind, "services": sorted(services), "started_at": started_at}


def _after(incident: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What is known of an end."""
    if incident["status"] in rules.LIVE:
        return {}
    cause = st.text_area("Root cause", given["root_cause"], key="edit_cause", height=80)
    how = st.text_area("How it was resolved", given["resolution"], key="edit_resolution", height=80)
    return {"root_cause": cause, "resolution": how}

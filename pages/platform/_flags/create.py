"""The form of a new flag. What was typed is checked at once and stays until the flag is there."""

from datetime import date
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import ExpectedError, NotFound
from core.platform.flags import actions, cleaning, queries
from pages._parts.frame import run_action
from pages.platform._flags import settings, variants, words

KIND_HELP = {
    "boolean": "On or off.", "multivariate": "Several texts or numbers, such as colours or limits.",
    "json": "Several JSON objects or lists, for settings that belong together.",
}  # fmt: skip


def button(actor: Actor) -> None:
    """The button that opens the form."""
    if st.button("Create flag", key="create", type="primary", icon=":material/add:"):
        st.session_state["new_variants"] = {}
        form(actor)


@st.dialog("Create flag", width="large")
def form(actor: Actor) -> None:
    """Kind, key and name, variants, owner; off everywhere at first unless said otherwise."""
    kind = str(
        st.segmented_control(
            "Kind", queries.KINDS, default="boolean", key="new_kind", format_func=words.KINDS.__getitem__, required=True
        )
    )
    st.caption(KIND_HELP[kind])
    left, right = st.columns(2)
    with left:
        key = st.text_input(
            "Key", key="new_key", placeholder="new-billing", help="What code asks for. It cannot be changed later."
        )
        _check_key(actor, key)
    name = right.text_input("Name", key="new_name", max_chars=200, placeholder="New billing")
    description = st.text_area("Description", key="new_description", max_chars=2_000, height=80)
    rows = st.session_state.setdefault("new_variants", {}).setdefault(kind, variants.start(kind))
    if kind != "boolean":
        variants.edit(kind, rows, "new")
    off = st.selectbox("Variant when off", [row["name"] for row in rows], key=f"new_off_{kind}") if rows else None
    values = {"key": key, "name": name, "description": description, "kind": kind, "off_variant": off} | _about(actor)
    if st.button("Create flag", type="primary", key="new_submit"):
        run_action(_create, actor, rows, values, done="Created.")


def _check_key(actor: Actor, key: str) -> None:
    """Says at once what is wrong with the key, or that it is free."""
    if not key:
        return
    try:
        found = queries.by_key(actor, cleaning.clean_key(key))
    except NotFound:
        st.caption(":green[:material/check: This key is free.]")
    except ExpectedError as error:
        st.caption(f":red[:material/error: {words.plain(error)}]")
    else:
        taken = queries.one(actor, UUID(str(found)))
        st.caption(f":red[:material/error: This key belongs to {words.plain(taken['name'])}.]")


def _about(actor: Actor) -> dict[str, Any]:
    left, middle, right = st.columns(3)
    with left:
        owner = settings.owner(actor, actor.operator_id, key="new_owner")
    with middle:
        expires_on: date | None = st.date_input(
            "Expires on", None, key="new_expires_on", format="YYYY-MM-DD",
            help="When it should be gone from the code. It works on; the stale report names it.",
        )  # fmt: skip
    with right:
        unit = st.selectbox("Percentages count", queries.UNITS, format_func=words.UNITS.__getitem__, key="new_unit")
    is_protected = st.toggle(
        "Protected", key="new_protected", help="In production a second person approves each change."
    )
    return {"owner_id": owner, "expires_on": expires_on, "unit": unit, "is_protected": is_protected}


def _create(actor: Actor, rows: variants.Rows, values: dict[str, Any]) -> None:
    created = actions.create(actor, **values, variants=variants.read(values["kind"], rows))
    st.session_state.pop("new_variants", None)
    st.query_params["flag"] = str(created.id)

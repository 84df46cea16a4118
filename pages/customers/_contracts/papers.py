"""Documents of a contract."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.customers.contracts import documents
from core.kernel.actor import Actor
from core.kernel.files import MAX_BYTES
from pages._parts.downloading import deferred
from pages._parts.frame import run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import size


def show(actor: Actor, contract: dict[str, Any]) -> None:
    """What there is, and a place to add more."""
    found = documents.of_contract(actor, contract["id"])
    if found.empty:
        st.info("No document yet.", icon=":material/folder_open:")
    for row in found.to_dict("records"):
        _one(actor, row)
    if actor.may("contracts:update"):
        _add(actor, contract)


def _one(actor: Actor, row: dict[Any, Any]) -> None:
    key = UUID(row["id"])
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(row['name'])}**", width="content")
        day = f"{row['created_at'].astimezone(zone(actor)):%d %b %Y}"
        st.caption(f"{size(row['size_bytes'])}, by {plain(row['added_by_name'])}, {day}", width="stretch")
        st.download_button(
            "Download", deferred(actor, lambda present: documents.open(present, key).content), row["name"], documents.ANY_TYPE,
            key=f"document_{key}", icon=":material/download:", on_click="ignore", help="The audit keeps who took it.",
        )  # fmt: skip
        if actor.may("contracts:update"):
            _remove(actor, key)


def _remove(actor: Actor, key: UUID) -> None:
    with st.popover("Remove", icon=":material/delete:", key=f"remove_{key}"):
        reason = st.text_input("Reason", key=f"remove_reason_{key}", max_chars=500)
        if st.button("Remove", key=f"remove_submit_{key}", type="primary"):
            run_action(documents.remove, actor, key, reason=reason, done="Removed.")


def _add(actor: Actor, contract: dict[str, Any]) -> None:
    added = f"contract_documents_{st.session_state.get('contract_documents', 0)}"
    most = MAX_BYTES // (1024 * 1024)
    file = st.file_uploader(
        "Add a document", key=added, max_upload_size=most, help=f"At most {most} MB. Programs are refused."
    )
    if file is not None and st.button("Add", key="add_document", type="primary", icon=":material/upload_file:"):
        run_action(documents.add, actor, contract["id"], name=file.name, content=file.getvalue(), done=_added)


def _added(document: Any) -> str:
    """Another uploader, which is empty again."""
    st.session_state["contract_documents"] = st.session_state.get("contract_documents", 0) + 1
    return f"Added {document.name}."

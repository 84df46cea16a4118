"""Putting tags on many and taking them off."""

from uuid import UUID

import streamlit as st

from core.customers.tenants import bulk, queries
from core.customers.tenants.tagging import clean_tags
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from pages.customers._directory import preview
from pages.customers._directory.dialogs import dialogs


@st.dialog("Tag tenants", width="medium", on_dismiss=dialogs.close)
def dialog(actor: Actor, chosen: list[UUID]) -> None:
    """The tags to add and to remove, and what each tenant has then."""
    known, found = queries.tags(actor), queries.chosen(actor, chosen)
    held = sorted({tag for tags in found["tags"] for tag in tags})
    more = st.multiselect(
        "Add", known, key="tag_add", accept_new_options=True, placeholder="Choose tags, or type new ones"
    )
    fewer = st.multiselect("Remove", held, key="tag_remove", placeholder="Tags that some of them have")
    before = [", ".join(tags) for tags in found["tags"]]
    preview.show(found, before, [_then(tags, more, fewer) for tags in found["tags"]])
    if st.button("Tag", key="tag_submit", type="primary", disabled=not (more or fewer)):
        preview.run(actor, found, bulk.tag_many, add=more, remove=fewer)


def _then(tags: list[str], more: list[str], fewer: list[str]) -> str:
    try:
        return ", ".join(clean_tags({*tags, *clean_tags(more)} - set(clean_tags(fewer))))
    except Invalid as problem:
        return str(problem)

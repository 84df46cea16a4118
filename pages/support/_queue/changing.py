"""Status, priority and tags of many tickets."""

import pandas as pd
import streamlit as st

from core.customers.tenants.tagging import clean_tags
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.support.tickets import bulk, rules
from pages.support import _words as words
from pages.support._queue import known, preview
from pages.support._queue.dialogs import dialogs

STATES = ("in_progress", "waiting", "resolved", "closed")


@st.dialog("Set status", width="large", on_dismiss=dialogs.close)
def status(actor: Actor, found: pd.DataFrame) -> None:
    """The state, and which tickets cannot go there from where they are."""
    wanted = st.segmented_control("Status", STATES, key="status_choice", format_func=words.STATUS.__getitem__)
    note = None
    if wanted == "resolved":
        st.caption(":material/outgoing_mail: The note goes to the customer of every one of these tickets.")
        note = st.text_area("Note to the customers", key="status_note", placeholder="What was done")
    able = [wanted in rules.MOVES[now] for now in found["status"]]
    before = [words.STATUS[one] for one in found["status"]]
    after = [words.STATUS[wanted] if can and wanted else now for can, now in zip(able, before, strict=True)]
    why = ["" if can or not wanted or now == wanted else f"Not from {rules.TITLES[now]}"
           for can, now in zip(able, found["status"], strict=True)]  # fmt: skip
    preview.show(found, before, after, why)
    if st.button("Set status", key="status_submit", type="primary", disabled=not wanted):
        preview.run(actor, found, bulk.set_status_many, status=wanted, note=note)


@st.dialog("Set priority", width="large", on_dismiss=dialogs.close)
def priority(actor: Actor, found: pd.DataFrame) -> None:
    """The priority, by which the clocks are computed anew."""
    wanted = st.segmented_control(
        "Priority", list(words.PRIORITY), key="priority_choice", format_func=words.PRIORITY.__getitem__
    )
    before = [words.PRIORITY[one] for one in found["priority"]]
    preview.show(found, before, [words.PRIORITY[wanted]] * len(found) if wanted else before)
    st.caption("Clocks are computed anew from the beginning, with the new targets; what has elapsed counts.")
    if st.button("Set priority", key="priority_submit", type="primary", disabled=not wanted):
        preview.run(actor, found, bulk.set_priority_many, priority=wanted)


@st.dialog("Tag tickets", width="large", on_dismiss=dialogs.close)
def tag(actor: Actor, found: pd.DataFrame) -> None:
    """The tags to add and to remove, and what each ticket has then."""
    held = sorted({tag for tags in found["tags"] for tag in tags})
    more = st.multiselect(
        "Add", known.tags(actor), key="tag_add", accept_new_options=True, placeholder="Choose tags, or type new ones"
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

"""What is not saved yet, with before and after, and the one button that saves it (or proposes it)."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import actions, queries
from pages._parts.frame import run_action
from pages.platform._flags import differences, draft, fields, words
from pages.platform._flags.draft import Draft
from pages.platform._flags.viewer import here


def is_reviewed(flag: dict[str, Any], environment: str) -> bool:
    """Whether a second person has to approve a change."""
    return bool(flag["is_protected"]) and environment == "production"


def bar(actor: Actor, flag: dict[str, Any], environment: dict[str, Any], edited: Draft) -> None:
    """Stays at the bottom of the window while something is not saved; nothing otherwise."""
    changes = edited.changes()
    if not changes:
        return
    with st.bottom, st.container(horizontal=True, vertical_alignment="center", key="unsaved"):
        st.markdown(f"**Not saved in {environment['environment']}:** {_named(changes)}", width="stretch")
        if st.button("Discard", key="discard", icon=":material/undo:"):
            draft.forget(edited)
            st.rerun()
        label = "Propose change" if is_reviewed(flag, environment["environment"]) else "Review and save"
        if st.button(label, key="review_save", type="primary", icon=":material/save:"):
            preview(actor, flag, environment, edited)


def _named(changes: dict[str, Any]) -> str:
    return ", ".join(fields.field(name).lower() for name in changes)


@st.dialog("What will change", width="large", icon=":material/difference:")
def preview(actor: Actor, flag: dict[str, Any], environment: dict[str, Any], edited: Draft) -> None:
    """The differences and the last click."""
    where = environment["environment"]
    st.caption(f"{words.plain(flag['name'])} in {where}")
    table(differences.between(edited.base, edited.changes(), here(actor)))
    if is_reviewed(flag, where):
        _propose(actor, flag["id"], where, edited)
        return
    if where == "production":
        st.caption(":material/warning: Customers see this within five seconds.")
    if st.button("Save", key="save", type="primary", icon=":material/save:"):
        run_action(_save, actor, flag["id"], where, edited, done="Saved.")
    _reconcile(actor, flag["id"], where, edited)


def _reconcile(actor: Actor, flag_id: UUID, environment: str, edited: Draft) -> None:
    """Offered when somebody else was faster: what was edited stays, the rest is as he left it."""
    newest = queries.environments(actor, flag_id)[environment]
    if newest["version"] != edited.version and st.button(
        "Keep mine, take theirs for the rest", key="rebase", icon=":material/sync:"
    ):
        edited.rebase(newest)
        st.rerun()


def table(found: list[differences.Difference]) -> None:
    """Field, before, after."""
    told = [{"Field": words.plain(one.field), "Before": _cell(one.before), "After": _cell(one.after)} for one in found]
    st.table(pd.DataFrame(told), hide_index=True, border="horizontal")


def _cell(text: str) -> str:
    return words.plain(text).replace("\n", "  \n")


def _save(actor: Actor, flag_id: UUID, environment: str, edited: Draft) -> None:
    actions.configure(actor, flag_id, environment, version=edited.version, **edited.changes())
    draft.forget(edited)


def _propose(actor: Actor, flag_id: UUID, environment: str, edited: Draft) -> None:
    st.info(
        "This flag is protected: in production a second person approves each change. Say what it is for.",
        icon=":material/shield:",
    )
    explanation = st.text_area(
        "Explanation", key="explanation", max_chars=2_000, placeholder="Why, and how it was tried"
    )
    if st.button("Propose change", key="propose", type="primary", icon=":material/rate_review:"):
        run_action(
            _hand_in, actor, flag_id, environment, edited, explanation=explanation,
            done="Proposed. Somebody else can approve it now.",
        )  # fmt: skip


def _hand_in(actor: Actor, flag_id: UUID, environment: str, edited: Draft, *, explanation: str) -> None:
    content = {"environment": edited.changes()}
    actions.propose(actor, flag_id, environment, content=content, explanation=explanation)
    draft.forget(edited)

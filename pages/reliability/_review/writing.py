"""The post-mortem: begun, written, submitted, approved, and taken as a document."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.incidents import people
from core.reliability.review import actions, document, document_pdf, queries, rules
from pages._parts.downloading import deferred
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN, clock
from pages.reliability._review import words

_TEXTS = {
    "went_well": "What went well", "went_wrong": "What went wrong", "was_lucky": "Where we were lucky",
}  # fmt: skip


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """The form, or the way to begin it."""
    review = queries.post_mortem(actor, incident["id"])
    if review is None:
        _begin(actor, incident)
        return
    _state(actor, review)
    _form(actor, review)
    _steps(actor, review)
    _documents(actor, incident)


def _begin(actor: Actor, incident: dict[str, Any]) -> None:
    if incident["resolved_at"] is None:
        st.info("A post-mortem looks back: resolve the incident first.", icon=":material/hourglass_empty:")
        return
    st.info("There is no post-mortem yet.", icon=":material/inbox:")
    if actor.may("incidents:update") and st.button(
        "Begin post-mortem", key="review_begin", type="primary", icon=":material/edit_note:"
    ):
        run_action(actions.begin, actor, incident["id"], done="Begun.")


def _state(actor: Actor, review: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(words.STATUS[review["status"]], color=words.STATUS_COLOURS[review["status"]])  # type: ignore[arg-type]
        st.caption(f"Owned by {review['owner'] or 'nobody'}.")
        if review["reviewed_by_name"]:
            at = clock(review["reviewed_at"], zone(actor), now=utc_now())
            st.caption(f"Approved by {review['reviewed_by_name']}, {at}.")
    if review["review_note"]:
        st.info(review["review_note"], icon=":material/rate_review:")


def _form(actor: Actor, review: dict[str, Any]) -> None:
    """What is typed stays when it cannot be saved; the key holds the version, so that a saved one is shown anew."""
    name, may = f"review_{review['incident_id']}_{review['version']}", actor.may("incidents:update")
    with st.form(name, border=True):
        summary = st.text_area("Summary", review["summary"], key=f"{name}_summary", disabled=not may)
        whys = [_why(review, place, name, may) for place in range(rules.MAX_WHYS)]
        factors = _factors(review, name, may)
        texts = {
            field: st.text_area(label, review[field], key=f"{name}_{field}", height=80, disabled=not may)
            for field, label in _TEXTS.items()
        }
        owner = _owner(actor, review, name, may)
        if st.form_submit_button("Save", key=f"{name}_save", type="primary", icon=":material/save:", disabled=not may):
            run_action(
                actions.save, actor, review["incident_id"], version=review["version"], summary=summary, whys=whys,
                factors=factors, owner_id=owner, **texts, done="Saved.",
            )  # fmt: skip


def _why(review: dict[str, Any], place: int, name: str, may: bool) -> str:
    known = review["whys"][place] if place < len(review["whys"]) else ""
    label = "Why did it happen?" if place == 0 else f"Why? ({place + 1})"
    typed: str = st.text_input(label, known, key=f"{name}_why_{place}", max_chars=rules.MAX_WHY, disabled=not may)
    return typed


def _factors(review: dict[str, Any], name: str, may: bool) -> list[dict[str, Any]]:
    st.markdown("**Contributing factors**")
    rows = [{"kind": words.FACTOR[one["kind"]], "text": one["text"]} for one in review["factors"]]
    edited = st.data_editor(
        rows or [{"kind": None, "text": None}], num_rows="dynamic", key=f"{name}_factors", disabled=not may, hide_index=True,
        column_config={
            "kind": st.column_config.SelectboxColumn("Kind", options=list(words.FACTOR.values()), width="small"),
            "text": st.column_config.TextColumn("What", max_chars=rules.MAX_WHY, width="large"),
        },
    )  # fmt: skip
    kinds = {label: kind for kind, label in words.FACTOR.items()}
    return [{"kind": kinds.get(one["kind"] or ""), "text": one["text"]} for one in edited if one["kind"] or one["text"]]


def _owner(actor: Actor, review: dict[str, Any], name: str, may: bool) -> UUID | None:
    known = {row["id"]: row["name"] for row in people.assignable(actor).to_dict("records")}
    own = str(review["owner_id"]) if review["owner_id"] else None
    options = [*known, *([own] if own and own not in known else [])]
    chosen = st.selectbox(
        "Owner", options, index=options.index(own) if own else None, key=f"{name}_owner", disabled=not may,
        format_func=lambda one: known.get(one, review["owner"] or UNKNOWN), placeholder="Nobody",
    )  # fmt: skip
    return UUID(chosen) if chosen else None


def _steps(actor: Actor, review: dict[str, Any]) -> None:
    """What comes next, for those who may."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if review["status"] == "draft" and actor.may("incidents:update"):
            _submit(actor, review)
        if review["status"] == "review" and actor.may("incidents:approve"):
            _decide(actor, review)


def _submit(actor: Actor, review: dict[str, Any]) -> None:
    if st.button("Submit for review", key="review_submit", icon=":material/send:"):
        run_action(actions.submit, actor, review["incident_id"], version=review["version"], done="Submitted.")


def _decide(actor: Actor, review: dict[str, Any]) -> None:
    key, version = review["incident_id"], review["version"]
    note = st.text_input("Note", key="review_note", placeholder="What is to be changed, or why it is good")
    if st.button("Approve", key="review_approve", type="primary", icon=":material/verified:"):
        run_action(actions.approve, actor, key, note=note, version=version, done="Approved.")
    if st.button("Send back", key="review_back", icon=":material/undo:"):
        run_action(actions.send_back, actor, key, note=note, version=version, done="Sent back.")


def _documents(actor: Actor, incident: dict[str, Any]) -> None:
    """They are made after the click."""
    local, name = zone(actor), incident["reference"]

    def made(present: Actor) -> document.Document:
        return document.compose(present, incident["id"], now=utc_now(), zone=local)

    with st.container(horizontal=True):
        st.download_button(
            "Download PDF", deferred(actor, lambda present: document_pdf.render(made(present))), f"{name}.pdf",
            "application/pdf", key="review_pdf", icon=":material/picture_as_pdf:", on_click="ignore",
        )  # fmt: skip
        st.download_button(
            "Download Markdown", deferred(actor, lambda present: document.to_markdown(made(present)).encode()), f"{name}.md",
            "text/markdown", key="review_md", icon=":material/markdown:", on_click="ignore",
        )  # fmt: skip

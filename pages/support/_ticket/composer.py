"""Where an agent writes: to the customer, or a note to colleagues. Two forms with buttons of their own, so that neither is
sent as the other."""

from typing import Any
from uuid import UUID, uuid4

import streamlit as st

from core.kernel.actor import Actor
from core.support.tickets import actions, drafts
from pages.support._queue import known
from pages.support._ticket import acting, files, macros

REPLY, NOTE = "reply", "note"
_TEXTS, _TURN = "ticket_texts", "ticket_turn"
_THEN = {"": "Leave the status", "waiting": "Then wait for the customer", "in_progress": "Then go on"}
Ticket = dict[str, Any]


def show(actor: Actor, ticket: Ticket) -> None:
    """Both forms, each with what was begun in it; nothing for who may not answer, or where it is over."""
    if not actor.may("tickets:update"):
        return
    if ticket["status"] == "closed":
        st.caption(":material/lock: This ticket is closed. Reopen it to go on writing.")
        return
    _recall(actor, ticket)
    to_customer, among_us = st.tabs([":material/outgoing_mail: Reply to the customer", ":material/lock: Internal note"])
    with to_customer:
        _reply(actor, ticket)
    with among_us:
        _note(actor, ticket)


def _reply(actor: Actor, ticket: Ticket) -> None:
    key = key_of(ticket, REPLY)
    macros.picker(actor, ticket, lambda text, is_internal: _insert(actor, ticket, text, NOTE if is_internal else REPLY))
    body = st.text_area(
        "Reply to the customer", key=key, height=160, placeholder="What you write here is sent to the customer",
        on_change=_typed, args=(actor, ticket, REPLY),
    )  # fmt: skip
    chosen = files.choose(f"{key}_files")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        then = st.selectbox(
            "Afterwards", _moves(ticket), key=f"{key}_then", format_func=_THEN.__getitem__, width=230,
            label_visibility="collapsed",
        )  # fmt: skip
        if st.button("Send reply", key="send_reply", type="primary", icon=":material/send:"):
            _send(actor, ticket, REPLY, body, chosen, status=then or None, done="Reply sent.")


def _moves(ticket: Ticket) -> list[str]:
    if ticket["status"] in ("resolved", "closed"):
        return [""]
    return [one for one in _THEN if one != ticket["status"]]


def _note(actor: Actor, ticket: Ticket) -> None:
    key = key_of(ticket, NOTE)
    colleagues = known.colleagues(actor)
    with st.container(border=True):
        st.badge("Only colleagues see this. It is never sent.", icon=":material/lock:", color="orange")
        body = st.text_area(
            "Internal note", key=key, height=130, placeholder="For colleagues only", on_change=_typed,
            args=(actor, ticket, NOTE),
        )  # fmt: skip
        mentions = st.multiselect(
            "Mention", list(colleagues), key=f"{key}_mentions", format_func=colleagues.__getitem__,
            placeholder="Colleagues who are told, and watch the ticket from then on",
        )  # fmt: skip
        chosen = files.choose(f"{key}_files")
        if st.button("Add internal note", key="add_note", icon=":material/lock:"):
            _send(actor, ticket, NOTE, body, chosen, is_internal=True, mentions=mentions, done="Note added.")


def _send(actor: Actor, ticket: Ticket, what: str, body: str, chosen: list[Any], *, done: str, **values: Any) -> None:
    """Sends it with its files; refused, everything that was typed and chosen stays."""

    def act(present: Actor, ticket_id: UUID, *, version: int, **given: Any) -> Any:
        # A note is right whatever somebody else did meanwhile; a reply may not be.
        given |= {"version": version} if what == REPLY else {}
        return actions.reply(present, ticket_id, attachments=files.stored(present, chosen), **given)

    def sent(_: Any) -> str:
        _forget(actor, ticket, what)
        return done

    # Pressed twice, it is sent once.
    once = f"compose:{actor.operator_id}:{key_of(ticket, what)}"
    acting.written(actor, ticket, what, act, body=body, once=once, done=sent, **values)


def key_of(ticket: Ticket, what: str) -> str:
    """The text's key; another one after each sending, so that the next begins empty."""
    turns: dict[str, str] = st.session_state.setdefault(_TURN, {})
    place = f"{what}_{ticket['id']}"
    return f"{place}_{turns.setdefault(place, uuid4().hex[:12])}"


def _texts() -> dict[tuple[Any, str], str]:
    """What was typed and not sent, of every ticket of this session: parts that are not open keep no text themselves."""
    held: dict[tuple[Any, str], str] = st.session_state.setdefault(_TEXTS, {})
    return held


def _recall(actor: Actor, ticket: Ticket) -> None:
    """Puts back what was begun here, or what was kept of an earlier session."""
    texts = _texts()
    if (ticket["id"], REPLY) not in texts:
        texts |= {(ticket["id"], REPLY): "", (ticket["id"], NOTE): ""}
        kept = drafts.of(actor, ticket["id"])
        if kept:
            texts[ticket["id"], NOTE if kept["is_internal"] else REPLY] = kept["body"]
    for what in (REPLY, NOTE):
        st.session_state.setdefault(key_of(ticket, what), texts[ticket["id"], what])


def _typed(actor: Actor, ticket: Ticket, what: str) -> None:
    """Before the page runs again: keeps the text, and on which state of the ticket it was begun."""
    text = st.session_state[key_of(ticket, what)]
    _texts()[ticket["id"], what] = text
    acting.begin(ticket, what) if text.strip() else acting.end(ticket, what)
    _keep(actor, ticket, what)


def _keep(actor: Actor, ticket: Ticket, what: str) -> None:
    """One draft outlives the session: what was typed last, or else the other text."""
    other = NOTE if what == REPLY else REPLY
    kept = what if _texts()[ticket["id"], what].strip() else other
    drafts.save(actor, ticket["id"], body=_texts()[ticket["id"], kept], is_internal=kept == NOTE)


def _forget(actor: Actor, ticket: Ticket, what: str) -> None:
    _texts()[ticket["id"], what] = ""
    st.session_state[_TURN].pop(f"{what}_{ticket['id']}", None)
    _keep(actor, ticket, what)


def _insert(actor: Actor, ticket: Ticket, text: str, what: str) -> None:
    """For a callback: adds to the end of the reply, or of the note."""
    key = key_of(ticket, what)
    before = st.session_state.get(key, "").rstrip()
    st.session_state[key] = f"{before}\n\n{text}" if before else text
    _typed(actor, ticket, what)

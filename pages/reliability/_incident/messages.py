"""What is told: writing a message, those that wait or were sent, and when the next word is due."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.communication import queries, timing
from core.reliability.incidents import rules
from pages._parts.frame import live, run_action
from pages.reliability._incident import composer, message_card, message_dialogs
from pages.reliability._incident import message_words as words


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """The composer, and the messages, newest first."""
    may_write = actor.may("incidents:update") and not incident["merged_into_id"]
    if may_write and incident["status"] in rules.LIVE:
        _timer(actor, incident)
    if may_write:
        composer.show(actor, incident)
    message_dialogs.open_dialog(actor, incident)
    draw = _fresh if incident["status"] in rules.LIVE else _messages
    draw(actor, incident)


def _timer(actor: Actor, incident: dict[str, Any]) -> None:
    """The next word can be promised without one; a message that is sent sets it by itself."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        minutes = st.selectbox(
            "Next update due in", list(words.SPANS), index=2, key="timer_span", format_func=words.span, width=180
        )
        if st.button("Set timer", key="timer_submit", icon=":material/timer:"):
            run_action(timing.set_timer, actor, incident["id"], minutes=minutes, done="Timer set.")


def _messages(actor: Actor, incident: dict[str, Any]) -> None:
    found = queries.messages(actor, incident["id"])
    if found.empty:
        st.info("Nothing was told yet.", icon=":material/campaign:")
    for row in found.to_dict("records"):
        message_card.show(actor, incident, row)


_fresh = live("10s")(_messages)

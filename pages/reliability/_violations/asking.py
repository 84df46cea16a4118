"""The form that asks for an exclusion."""

from datetime import datetime
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import exclusions
from pages._parts.frame import run_action, zone
from pages.reliability._violations.dialogs import dialogs

MOST_REASON = 1_000


def button(actor: Actor, row: dict[str, Any]) -> None:
    """Opens the form."""
    if st.button("Ask for an exclusion", key="ask_exclusion", icon=":material/playlist_remove:"):
        dialogs.open_now("ask")
    if dialogs.is_open("ask"):
        _form(actor, row)


@st.dialog("Ask for an exclusion", on_dismiss=dialogs.close)
def _form(actor: Actor, row: dict[str, Any]) -> None:
    st.write("Say why minutes of this violation were not what they seem. They count until somebody else approves.")
    where = zone(actor)
    first, last = _local(row["started_at"], where), _local(row["ended_at"], where)
    with st.form("ask_form", border=False):
        with st.container(horizontal=True):
            begin = st.datetime_input("From", first, key="ask_from", step=60)
            end = st.datetime_input("To", last, key="ask_to", step=60)
        reason = st.text_area(
            "Reason",
            key="ask_reason",
            max_chars=MOST_REASON,
            placeholder="The probe's own network failed: the customer's requests were all answered",
        )
        if st.form_submit_button("Ask", key="ask_submit", type="primary"):
            given = {"reason": reason, "starts_at": _moment(begin, where), "ends_at": _moment(end, where)}
            said = "Asked. Somebody else decides."
            run_action(exclusions.ask, actor, row["id"], **given, done=dialogs.closing(said))


def _local(moment: datetime, where: Any) -> datetime:
    return moment.astimezone(where).replace(tzinfo=None, second=0, microsecond=0)


def _moment(given: datetime | None, where: Any) -> datetime | None:
    return given.replace(tzinfo=where) if given else None

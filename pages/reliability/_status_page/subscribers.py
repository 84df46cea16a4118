"""Who gets mails: addresses are masked for everybody."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.status_page import actions, queries
from pages._parts import paging
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages.reliability._status_page.dialogs import dialogs


def show(actor: Actor) -> None:
    """Figures, the addresses, and the way to forget one."""
    counted = queries.counts(actor)
    with st.container(horizontal=True):
        st.metric("Subscribed", f"{counted['confirmed']:,}", border=True)
        st.metric("Not confirmed yet", f"{counted['pending']:,}", border=True)
        st.metric("Mails sent, 7 days", f"{counted['sent']:,}", border=True)
        st.metric("Mails that wait", f"{counted['queued']:,}", border=True)
        st.metric("Mails that failed, 7 days", f"{counted['failed'] + counted['no mail server']:,}", border=True)
    if counted["no mail server"]:
        st.warning("Mails could not be sent: no mail server is configured. Set SMTP_URL.", icon=":material/mail_off:")
    way = paging.trail("status_subscribers", None)
    page = queries.subscribers(actor, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        st.info("Nobody has subscribed yet. People do on the page itself.", icon=":material/inbox:")
        return
    chosen = _grid(actor, page.frame)
    paging.buttons("status_subscribers", way, len(page.frame), page.next)
    if chosen is not None:
        if st.button("Remove", key="remove", icon=":material/person_remove:"):
            dialogs.open_now("remove")
        if dialogs.is_open("remove"):
            _remove(actor, chosen)


def _grid(actor: Actor, frame: pd.DataFrame) -> dict[str, Any] | None:
    shown = pd.DataFrame({
        "Address": frame["email"], "Status": frame["status"].str.capitalize(), "Asked": frame["created_at"],
        "Confirmed": frame["confirmed_at"], "Ended": frame["unsubscribed_at"],
        "About": [f"{len(ids)} components" if len(ids) else "Everything" for ids in frame["component_ids"]],
    })  # fmt: skip
    moment = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone=str(zone(actor)))
    may_change = actor.may("status_page:update")
    event: Any = st.dataframe(
        shown, hide_index=True, key="subscribers", placeholder=UNKNOWN, selection_mode="single-row",
        on_select="rerun" if may_change else "ignore",
        column_config=dict.fromkeys(("Asked", "Confirmed", "Ended"), moment),
    )  # fmt: skip
    rows = event.selection.rows if may_change else []
    return frame.iloc[rows[0]].to_dict() if rows and rows[0] < len(frame) else None


@st.dialog("Remove subscriber", on_dismiss=dialogs.close)
def _remove(actor: Actor, chosen: dict[str, Any]) -> None:
    st.text(f"{chosen['email']} is forgotten, with what was sent to it. It may subscribe again.")
    with st.form("remove_form", border=False):
        reason = st.text_area("Reason", key="remove_reason", max_chars=500, placeholder="Asked us to, by mail")
        if st.form_submit_button("Remove", type="primary", key="remove_submit"):
            run_action(
                actions.remove_subscriber, actor, UUID(chosen["id"]), reason=reason, done=dialogs.closing("Removed.")
            )

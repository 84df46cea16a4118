"""What became of an alert: who was told, what people did and said."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.health.alerts import actions, queries
from core.health.channels import queries as channels
from core.kernel.actor import Actor
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages.health._alerts import sent_log


def told(actor: Actor, alert: dict[str, Any]) -> None:
    """Every message about it."""
    st.subheader("Who was told", anchor=False)
    found = channels.of_alert(actor, alert["id"])
    if found.empty:
        why = "Nobody: it belongs to a cause that is told by itself." if not alert["notifies"] else (
            "Nobody so far: no route matched when it opened."
        )  # fmt: skip
        st.info(why, icon=":material/notifications_off:")
        return
    sent_log.grid(actor, found, key="alert_told", without=("open",))


def history(actor: Actor, alert: dict[str, Any]) -> None:
    """By whom and why, with a line to add to it."""
    st.subheader("History", anchor=False)
    found = queries.history(actor, alert["id"])
    shown = found.assign(
        kind=[str(kind).replace("_", " ").capitalize() for kind in found["kind"]],
        by=found["by"].where(found["by"].notna(), "The portal"),
    )
    st.dataframe(
        shown[["at", "kind", "by", "note"]], hide_index=True, key="alert_history", placeholder=UNKNOWN, height="content",
        column_config={
            "at": st.column_config.DatetimeColumn("At", format="YYYY-MM-DD HH:mm:ss", timezone=str(zone(actor)), width=150),
            "kind": st.column_config.TextColumn("What", width=120),
            "by": st.column_config.TextColumn("By", width=160),
            "note": st.column_config.TextColumn("Note", width=460),
        },
    )  # fmt: skip
    if actor.may("alerts:update"):
        with (
            st.form("comment_form", clear_on_submit=True, border=False),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            text = st.text_input("Comment", key="comment", max_chars=500, placeholder="What you found")
            if st.form_submit_button("Add comment", key="comment_submit", icon=":material/comment:"):
                run_action(_commented, actor, alert["id"], text, done="Added.")


def _commented(actor: Actor, alert_id: UUID, text: str) -> None:
    actions.comment(actor, alert_id, text=text)

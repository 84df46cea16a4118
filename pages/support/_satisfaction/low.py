"""Low answers that nobody has looked after yet."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.satisfaction import actions, queries
from pages._parts.frame import run_action
from pages.support._satisfaction import entry

MOST = 20


def show(actor: Actor) -> None:
    """Of any time, the newest first: an old one that still waits is no smaller."""
    waiting = queries.low(actor, limit=MOST + 1)
    st.subheader("To follow up", anchor=False)
    if waiting.empty:
        st.info("No low rating waits for anybody.", icon=":material/task_alt:")
        return
    st.caption("Ratings of 1 and 2. Talk to the customer, reopen the ticket if that helps, and mark it as done.")
    for row in waiting.head(MOST).to_dict("records"):
        _one(actor, {str(name): value for name, value in row.items()})
    if len(waiting) > MOST:
        st.caption(f"The newest {MOST}. Older ones follow as these are done.")


def _one(actor: Actor, row: dict[str, Any]) -> None:
    with st.container(border=True):
        entry.show(actor, row)
        with st.container(horizontal=True):
            entry.link(row, key=f"low_ticket_{row['id']}")
            may = actor.may("tickets:update")
            if may and st.button("Done", key=f"done_{row['id']}", icon=":material/check:"):
                run_action(actions.follow_up, actor, UUID(row["id"]), done="Marked as done.")
            if pd.isna(row["comment"]):
                st.caption("Without a comment.")

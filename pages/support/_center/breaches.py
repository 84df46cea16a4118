"""The latest clocks that went past their target."""

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.tickets import numbers
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.support._figures.words import TARGETS
from pages.support._words import PRIORITY, STATUS


def show(actor: Actor, late: pd.DataFrame) -> None:
    """A row leads to its ticket."""
    st.subheader("Latest breaches", anchor=False)
    if late.empty:
        st.info("No clock has gone past its target.", icon=":material/task_alt:")
        return
    shown = pd.DataFrame({
        "number": [numbers.shown(int(one)) for one in late["number"]], "subject": late["subject"], "tenant": late["tenant"],
        "priority": late["priority"].map(PRIORITY), "status": late["status"].map(STATUS), "assignee": late["assignee"],
        "target": late["target"].map(TARGETS), "breached_at": late["breached_at"],
    })  # fmt: skip
    event = st.dataframe(
        shown, hide_index=True, key="center_breaches", placeholder=UNKNOWN, on_select="rerun", selection_mode="single-row",
        column_config={
            "number": "Ticket", "subject": "Subject", "tenant": "Tenant", "priority": "Priority", "status": "Status",
            "assignee": "Assignee", "target": "Target",
            "breached_at": st.column_config.DatetimeColumn("Breached", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))),
        },
    )  # fmt: skip
    for place in event.selection.rows:
        st.page_link(
            "support/ticket.py", label=f"Open {shown['number'].iloc[place]}", icon=":material/confirmation_number:",
            query_params={"id": str(late["ticket_id"].iloc[place])},
        )  # fmt: skip

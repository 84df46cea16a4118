"""The latest messages of one endpoint."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.platform.webhooks import queries
from core.platform.webhooks.queries import DeliveryFilters
from pages._parts.frame import live
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.platform._webhooks import deliveries, messages

_MOST = 10


@live("5s")
def show(actor: Actor, webhook: dict[str, Any]) -> None:
    """A click opens one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Latest deliveries", anchor=False, width="content")
        if st.button("All of them", key="all_deliveries", icon=":material/list:", type="tertiary"):
            deliveries.turn_to(webhook["id"])
            st.rerun()
    found = queries.deliveries(actor, DeliveryFilters(webhook_id=webhook["id"]), limit=_MOST).frame
    if found.empty:
        st.info("It was sent nothing yet. The next event that it hears appears here.", icon=":material/inbox:")
        return
    event = st.dataframe(
        messages.told(found)[messages.SHOWN], hide_index=True, key=table_key("latest"), on_select="rerun",
        selection_mode="single-row", placeholder=UNKNOWN, height="content", column_config=messages.columns(actor),
    )  # fmt: skip
    if event.selection.rows:
        open_row("latest", "delivery", found["id"].iloc[event.selection.rows[0]])

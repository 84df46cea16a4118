"""Alerts about contracts: violations that opened, budgets that burn fast; each opens in the inbox, where it is handled."""

import streamlit as st

from core.health.alerts import queries
from core.health.alerts.queries import Filters
from core.kernel.actor import Actor
from pages._parts import paging
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.health._alerts import inbox_grid, words

AREA = "sla"
STATES = {"Live": ("open", "acknowledged"), "All": tuple(words.STATUSES)}
_SHOWN = [name for name in inbox_grid.SHOWN if name != "area"]


def show(actor: Actor) -> None:
    """For who may see alerts: the live ones, or all of them."""
    st.subheader("Alerts", anchor=False)
    if not actor.may("alerts:read"):
        st.caption("Your role does not include alerts (alerts:read).")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        state = st.segmented_control(
            "Show", list(STATES), default="Live", key="show", bind="query-params", label_visibility="collapsed", required=True
        )  # fmt: skip
        st.page_link("health/alerts.py", label="Rules, silences, channels", icon=":material/notifications:")
    filters = Filters(STATES[state], areas=(AREA,))
    way = paging.trail("sla_alerts", filters)
    page = queries.inbox(actor, filters, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        st.info(
            "No alert about a contract is live." if state == "Live" else "There was none.",
            icon=":material/check_circle:",
        )
        return
    event = st.dataframe(
        inbox_grid.shown(page.frame)[_SHOWN], hide_index=True, key=table_key("sla_alerts"), on_select="rerun",
        selection_mode="single-row", placeholder=UNKNOWN, height="content" if len(page.frame) < 14 else 520,
        column_config=inbox_grid.columns(str(zone(actor))),
    )  # fmt: skip
    chosen = [row for row in event.selection.rows if row < len(page.frame)]
    if chosen:
        st.session_state["sla_alerts_opened"] = st.session_state.get("sla_alerts_opened", 0) + 1
        st.switch_page("health/alerts.py", query_params={"alert": str(page.frame["id"].iloc[chosen[0]])})
    paging.buttons("sla_alerts", way, len(page.frame), page.next)

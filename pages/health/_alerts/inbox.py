"""The inbox: what is open, who has it, how bad it is; filters in the address, many at once."""

import pandas as pd
import streamlit as st

from core.health.alerts import queries
from core.health.alerts.queries import Filters
from core.kernel.actor import Actor
from pages._parts import paging
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row
from pages.health._alerts import handling, words
from pages.health._alerts.inbox_grid import LIVE, SHOWN, columns, shown

_FRAME, _TURN = "alerts_frame", "alerts_turn"


def show(actor: Actor) -> None:
    """How much is live, filters, the table, and what can be done with the rows that are ticked."""
    _counts(actor)
    filters = _filters()
    handling.dialogs_of(actor, unselect)
    _table(actor, filters)


@live("10s")
def _counts(actor: Actor) -> None:
    known = queries.counts(actor)
    with st.grid(6, gap="small", min_column_width=120):
        st.metric("Open", f"{known.open:,}", border=True, help="Nobody has taken them on yet.")
        st.metric("Acknowledged", f"{known.acknowledged:,}", border=True)
        st.metric("Critical", f"{known.critical:,}", border=True)
        st.metric("Warning", f"{known.warning:,}", border=True)
        st.metric("Info", f"{known.info:,}", border=True)
        st.metric("Silenced", f"{known.silenced:,}", border=True, help="Kept, and told to nobody.")


def _filters() -> Filters:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="q", bind="query-params", placeholder="Rule, subject or id", icon=":material/search:"
        )
        statuses = st.multiselect(
            "Status", list(words.STATUSES), list(LIVE), key="status", bind="query-params", placeholder="Any",
            format_func=lambda one: words.STATUSES[one][0], width=260,
        )  # fmt: skip
        severities = st.multiselect(
            "Severity", list(words.SEVERITIES), key="severity", bind="query-params", placeholder="Any",
            format_func=lambda one: words.SEVERITIES[one][0], width=190,
        )  # fmt: skip
        areas = st.multiselect(
            "Area", words.areas(), key="area", bind="query-params", placeholder="Any", format_func=words.area, width=190
        )
    return Filters(tuple(statuses) or tuple(words.STATUSES), tuple(severities), tuple(areas), text=text)


@live("10s")
def _table(actor: Actor, filters: Filters) -> None:
    way = paging.trail("alerts", filters)
    frame, following = _page(actor, filters, way)
    if frame.empty:
        _nothing(filters)
        return
    event = st.dataframe(
        shown(frame)[SHOWN], hide_index=True, key=_grid(), on_select="rerun", placeholder=UNKNOWN,
        selection_mode=["multi-row", "single-cell"], height="content" if len(frame) < 15 else 560,
        column_config=columns(str(zone(actor))),
    )  # fmt: skip
    if event.selection.cells:
        unselect()
        open_row("alerts", "alert", frame["id"].iloc[event.selection.cells[0][0]])
    handling.acts(actor, frame.iloc[event.selection.rows])
    paging.buttons("alerts", way, len(frame), following)


def _page(actor: Actor, filters: Filters, way: list[str]) -> tuple[pd.DataFrame, str | None]:
    """The page; while rows are ticked it stands still, so that a place still means the same alert."""
    place = (filters, tuple(way))
    held, kept = st.session_state.get(_grid()), st.session_state.get(_FRAME)
    if held and held["selection"]["rows"] and kept and kept[0] == place:
        return kept[1], kept[2]
    page = queries.inbox(actor, filters, after=paging.after(way), limit=paging.SIZE)
    st.session_state[_FRAME] = (place, page.frame, page.next)
    return page.frame, page.next


def _grid() -> str:
    return f"alerts_{st.session_state.get(_TURN, 0)}"


def unselect() -> None:
    """A grid of another name has no selection, and so shows what is there by now."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _nothing(filters: Filters) -> None:
    if filters == Filters(tuple(LIVE)):
        st.success("No alert is open. What resolved by itself is found by its status.", icon=":material/check_circle:")
        return
    st.info("No alert matches. Clear a filter.", icon=":material/inbox:")

"""The view of contracts: filters, export, grid."""

from collections.abc import Callable, Iterator

import pandas as pd
import streamlit as st

from core.customers.contracts import queries
from core.customers.contracts.queries import Filters
from core.customers.contracts.rules import STATUSES, SUPPORT_LEVELS
from core.customers.tenants import colleagues
from core.kernel.actor import Actor
from pages._parts import exporting, paging
from pages._parts.opening import open_row
from pages.customers._contracts import grid, words
from pages.customers._contracts.dialogs import dialogs

_SOON = {"30 days": 30, "60 days": 60, "90 days": 90}


def show(actor: Actor) -> None:
    """Every contract in sight, the next renewal first; a click opens one."""
    filters = _filters(actor)
    way = paging.trail("contracts", filters)
    page = queries.directory(actor, filters, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        none = "There is no contract yet. Create the first as a draft."
        st.info(none if filters == Filters() else "No contract matches. Clear a filter, or search for something else.",
                icon=":material/inbox:")  # fmt: skip
        return
    chosen = grid.show(page.frame)
    if chosen:
        open_row("contracts", "contract", chosen)
    paging.buttons("contracts", way, len(page.frame), page.next)


def _filters(actor: Actor) -> Filters:
    by_name = {f"{name}": key for key, name in colleagues.names(actor).items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            key="text",
            bind="query-params",
            placeholder="Number or tenant",
            icon=":material/search:",
            max_chars=60,
        )
        statuses = st.multiselect(
            "Status", STATUSES, key="status", bind="query-params", format_func=words.LABELS.__getitem__
        )
        levels = st.multiselect(
            "Support level", SUPPORT_LEVELS, key="level", bind="query-params", format_func=words.LEVELS.__getitem__
        )
        csm = st.selectbox("CSM", list(by_name), index=None, key="csm", bind="query-params", placeholder="All")
        soon = st.selectbox(
            "Renews within", list(_SOON), index=None, key="within", bind="query-params", placeholder="Any time"
        )
        within = _SOON[soon] if soon else None
        filters = Filters(text, tuple(statuses), tuple(levels), by_name[csm] if csm else None, None, within)
        asked = {"search": text, "status": statuses, "level": levels, "csm": csm, "renews_within": within}
        exporting.button(actor, "contracts", _make(filters), filters=asked, key="contracts_export")
        if actor.may("contracts:create") and st.button("Create", key="create", type="primary", icon=":material/add:"):
            dialogs.open_now("create")
    return filters


def _make(filters: Filters) -> Callable[[Actor], Iterator[pd.DataFrame]]:
    return lambda present: queries.chunks(present, filters)

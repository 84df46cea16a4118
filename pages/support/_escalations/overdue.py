"""Tickets whose clock runs beyond a target, the most overdue first."""

import streamlit as st

from core.kernel.actor import Actor
from core.support.breaches import queries
from pages._parts import paging
from pages.support._escalations import filters, grid


def show(actor: Actor) -> None:
    """Filters, list, pages."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = filters.ask(actor, of=("priority", "target", "team", "assignee"))
        filters.export(actor, "overdue tickets", lambda: queries.overdue_statement(wanted), wanted)
    way = paging.trail("overdue", wanted)
    page = queries.overdue(actor, wanted, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        said = "No ticket is overdue." if wanted == queries.Filters() else "No ticket matches. Clear a filter."
        st.info(said, icon=":material/check_circle:")
        return
    grid.show(actor, "overdue", page.frame)
    paging.buttons("overdue", way, len(page.frame), page.next)

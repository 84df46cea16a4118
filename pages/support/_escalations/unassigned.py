"""Urgent and high tickets that nobody has, the next to be due first."""

import streamlit as st

from core.kernel.actor import Actor
from core.support.breaches import queries
from pages._parts import paging
from pages.support._escalations import filters, grid


def show(actor: Actor) -> None:
    """Filters, list, pages."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = filters.ask(actor, of=("grave", "team"))
        filters.export(actor, "unassigned tickets", lambda: queries.unassigned_statement(wanted), wanted)
    way = paging.trail("unassigned", wanted)
    page = queries.unassigned(actor, wanted, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        none = "Every urgent or high ticket has somebody."
        said = none if wanted == queries.Filters() else "No ticket matches. Clear a filter."
        st.info(said, icon=":material/check_circle:")
        return
    grid.show(actor, "unassigned", page.frame)
    paging.buttons("unassigned", way, len(page.frame), page.next)

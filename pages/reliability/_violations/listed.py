"""The list: counts, filters, rows, pages."""

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import violations
from pages._parts import paging, views
from pages.reliability._violations import filters, grid, waiting

KEY = "reliability/violations"


def show(actor: Actor) -> None:
    """What lasts and what waits for a decision first."""
    counts = violations.counts(actor)
    with st.container(horizontal=True):
        for name, label in (("open", "Last now"), ("asked", "Exclusions to decide")):
            more = " or more" if counts[name] >= violations.MOST else ""
            st.metric(label, f"{counts[name]:,}{more}", border=True)
    if counts["asked"]:
        waiting.show(actor)
    views.bar(actor, KEY)
    wanted = filters.ask(actor)
    way = paging.trail("violations", wanted)
    page = violations.violations(actor, wanted, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        st.info("No violation matches. Clear a filter, or choose a longer time.", icon=":material/check_circle:")
        return
    grid.show(actor, page.frame, name="violations")
    paging.buttons("violations", way, len(page.frame), page.next)

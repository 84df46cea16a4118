"""SLA: every customer's contract, what was promised against what was measured."""

import streamlit as st

from core.reliability.sla import overview
from core.reliability.sla.overview import Filters
from pages._parts import paging, views
from pages._parts.frame import begin_page
from pages.reliability._sla import cards, filters, grid, known

KEY = "reliability/sla"

actor = begin_page(KEY)
summary = known.summary(actor)
if summary.until is None and not summary.customers:
    st.info(
        "Nothing was measured yet. Measuring begins with the first active contract, within minutes.",
        icon=":material/verified:",
    )
    st.stop()
cards.show(actor, summary)
views.bar(actor, KEY)
wanted, order = filters.ask(actor)
way = paging.trail("sla", (wanted, order))
page = overview.customers(actor, wanted, sort=order, after=paging.after(way), limit=paging.SIZE)
if page.frame.empty:
    none = "No contract in your sight is measured now."
    st.info(none if wanted == Filters() else "No customer matches. Clear a filter.", icon=":material/search_off:")
    st.stop()
grid.show(actor, page.frame)
paging.buttons("sla", way, len(page.frame), page.next)

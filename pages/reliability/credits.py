"""Credits: what months came to by the contracts' tiers; approve, issue, void, and the proof of each."""

from collections.abc import Callable, Iterator
from dataclasses import asdict

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import credit_queries as queries
from core.reliability.sla.credit_queries import Filters
from pages._parts import exporting, paging, views
from pages._parts.frame import begin_page
from pages.reliability._credits import acts, cards, computing, detail, filters, grid
from pages.reliability._credits.dialogs import dialogs

KEY = "reliability/credits"

actor = begin_page(KEY)
opened = st.query_params.get("credit")
if opened:
    detail.show(actor, opened)
    st.stop()


def _make(chosen: Filters) -> Callable[[Actor], Iterator[pd.DataFrame]]:
    return lambda present: queries.chunks(present, chosen)


months = queries.months(actor)
with st.container(horizontal=True, horizontal_alignment="right"):
    views.bar(actor, KEY, ignore=("credit",))
    place = st.empty()
    if actor.may("sla_credits:update") and st.button("Compute", key="compute", icon=":material/calculate:"):
        dialogs.open_now("compute")
if dialogs.is_open("compute"):
    computing.form(actor)
cards.show(queries.sums(actor, since=cards.since()))
chosen = filters.ask(months)
with place.container():
    exporting.button(actor, "sla-credits", _make(chosen), filters=asdict(chosen))
way = paging.trail("credits", chosen)
page = queries.directory(actor, chosen, after=paging.after(way), limit=paging.SIZE)
acts.outcomes()
if page.frame.empty:
    none = "There are no credits yet. Drafts are made when a month is over and a contract's uptime fell below a tier."
    st.info(none if chosen == Filters() else "No credit matches. Clear a filter.", icon=":material/redeem:")
    st.stop()
acts.show(actor, grid.show(page.frame))
paging.buttons("credits", way, len(page.frame), page.next)

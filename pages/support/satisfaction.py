"""Satisfaction: what customers say of resolved tickets, and of us each quarter; low ratings to look after."""

from functools import partial

import streamlit as st

from core.support.satisfaction import queries
from pages._parts import exporting
from pages._parts.frame import begin_page
from pages.support._satisfaction import bar, cards, comments, low, trend

actor = begin_page("support/satisfaction")
chosen = bar.choose(actor)
score, before = queries.score(actor, chosen.filters), queries.score(actor, chosen.before)
cards.show(actor, score, before, chosen.label)
if score.answers:
    with st.container(horizontal=True, horizontal_alignment="right"):
        make = partial(queries.export, filters=chosen.filters)
        exporting.button(actor, "satisfaction", make, filters=chosen.told, key="satisfaction_export")
    trend.show(actor, chosen)
else:
    st.info(
        f"Nobody answered in {chosen.label} with these filters. The question goes out with each resolved ticket.",
        icon=":material/inbox:",
    )
low.show(actor)
if score.answers:
    comments.show(actor, chosen)

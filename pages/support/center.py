"""Support center: what waits, what was solved, how fast and how often in time."""

import streamlit as st

from core.support.figures import backlog, compliance
from pages._parts.frame import begin_page, zone
from pages.support._center import breaches, cards, in_time, known, today
from pages.support._center import charts as own
from pages.support._figures import period

actor = begin_page("support/center")
chosen = period.choose(actor)
active = backlog.active(actor)
days, waits, rates = known.figures(actor, chosen.period)
late = compliance.latest_breaches(actor)
if active.empty and late.empty and not days[["created", "resolved"]].to_numpy().any():
    st.info(
        f"No ticket is open, and none came or was resolved in {chosen.label}. Look at another time, or open one in the queue.",
        icon=":material/inbox:",
    )
    st.page_link("support/queue.py", label="Open the queue", icon=":material/inbox:")
    st.stop()
cards.show(active, days, today.resolved(actor, chosen, days))
cards.show_quality(actor, chosen, waits, rates)
own.show(active, days, zone(actor))
in_time.show(waits, rates, chosen.label)
breaches.show(actor, late)

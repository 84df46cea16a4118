"""Response times: how long first response and resolution take, by priority, team, agent and hour."""

import streamlit as st

from core.support.figures import distributions
from pages._parts.frame import begin_page, zone
from pages.support._response_times import bar, charts, table

actor = begin_page("support/response_times")
chosen = bar.choose(actor)
spread = distributions.spread(actor, chosen.filters, chosen.measure, chosen.hours)
parts = distributions.by(actor, chosen.filters, chosen.part, chosen.measure, str(zone(actor)))
if parts.empty:
    st.info(
        f"Nothing was {chosen.verb} in {chosen.label} with these filters. Look at another time, or clear a filter.",
        icon=":material/inbox:",
    )
    st.stop()
charts.show(spread, parts, chosen)
table.show(actor, parts, chosen)

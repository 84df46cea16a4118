"""The same as a table that can be sorted and exported."""

from functools import partial

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.figures import distributions
from pages._parts import exporting
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.support._figures.words import HOURS, MEASURES, hours
from pages.support._response_times.bar import BY, Chosen
from pages.support._words import PRIORITY

_TOLD = {"average_s": "average", "median_s": "median", "p90_s": "90th percentile"}


def show(actor: Actor, parts: pd.DataFrame, chosen: Chosen) -> None:
    """In hours, wall clock and business hours beside each other."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader(f"{MEASURES[chosen.measure]} by {BY[chosen.part].lower()}", anchor=False)
        make = partial(
            distributions.by, filters=chosen.filters, part=chosen.part, measure=chosen.measure, zone=str(zone(actor))
        )
        exporting.button(actor, "response times", make, filters=chosen.told, key="response_export")
    if len(parts) == distributions.MOST:
        st.caption(f"The {distributions.MOST} with the most tickets. Narrow the filters to see others.")
    columns = {f"{kind}_{name}": f"{HOURS[kind]}, {title}" for kind in HOURS for name, title in _TOLD.items()}
    names = parts["part"].map(lambda one: PRIORITY.get(one, one)) if chosen.part == "priority" else parts["part"]
    shown = pd.DataFrame({"part": names, "tickets": parts["tickets"], **{name: hours(parts[name]) for name in columns}})
    st.dataframe(
        shown, hide_index=True, key=f"response_by_{chosen.part}", placeholder=UNKNOWN,
        column_config={
            "part": st.column_config.TextColumn(BY[chosen.part], pinned=True), "tickets": "Tickets",
            **{name: st.column_config.NumberColumn(title, format="%.2f h") for name, title in columns.items()},
        },
    )  # fmt: skip
    st.caption(
        "Wall clock: from a ticket's creation. Business hours: what its clock counted, in working hours and without pauses;"
        " unknown for tickets that came under no policy. Priority, team and agent are those of today."
    )

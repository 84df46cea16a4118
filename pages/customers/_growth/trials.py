"""Trials by the month in which they began: how many, what became of them, and how many led to a payment."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.customers.growth import months, trials
from core.kernel.actor import Actor
from pages._parts import charts, exporting
from pages._parts.moments import UNKNOWN
from pages.customers._growth import charts as own
from pages.customers._growth.bar import Chosen

_COUNTS = {
    "started": "Started", "converted": "Converted", "expired": "Expired", "cancelled": "Cancelled", "running": "Running",
}  # fmt: skip


def show(actor: Actor, chosen: Chosen, course: pd.DataFrame, place: DeltaGenerator) -> None:
    """The course and the table."""
    del course
    with place.container():
        exporting.button(
            actor, "trials", lambda who: _named(trials.trials(who, chosen.filters, count=chosen.count)),
            filters=chosen.told, key="trials_export",
        )  # fmt: skip
    frame = _named(trials.trials(actor, chosen.filters, count=chosen.count))
    if not frame["started"].sum():
        st.info("No trial began in these months. Look at more months.", icon=":material/inbox:")
        return
    with st.container(border=True):
        charts.show(own.shares(frame, {"converted_ratio": "Converted"}, "Trials that led to a payment"), "converted")
    st.caption(
        "By the month in which a trial began, as it stood at the end of the chosen month; of those that had ended by then."
        " An expired one goes on with the free plan."
    )
    named: dict[str, Any] = {"name": st.column_config.TextColumn("Began in", pinned=True), **_COUNTS}
    named["converted_ratio"] = st.column_config.NumberColumn("Converted of ended", format="percent")
    table = frame[[*named]].iloc[::-1]
    st.dataframe(table, hide_index=True, key="growth_trials", placeholder=UNKNOWN, column_config=named)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(name=pd.array([months.name_of(int(month)) for month in frame["month"]], dtype="string"))

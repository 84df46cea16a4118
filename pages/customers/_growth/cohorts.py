"""Cohorts as a map: of the tenants that began in a month, how many are left, and how much of their revenue."""

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.customers.growth import cohorts, months
from core.kernel.actor import Actor
from pages._parts import charts, exporting
from pages.customers._growth import charts as own
from pages.customers._growth.bar import Chosen, look_behind

_SHOWN = {
    "Revenue": ("mrr_ratio", "Revenue left of each cohort"),
    "Tenants": ("tenants_ratio", "Tenants left of each cohort"),
}


def show(actor: Actor, chosen: Chosen, course: pd.DataFrame, place: DeltaGenerator) -> None:
    """The map; a click on a cell lists the tenants of its cohort."""
    del course
    with place.container():
        exporting.button(
            actor, "cohorts", lambda who: _named(cohorts.cohorts(who, chosen.filters, count=chosen.count)),
            filters=chosen.told, key="cohorts_export",
        )  # fmt: skip
    frame = cohorts.cohorts(actor, chosen.filters, count=chosen.count)
    if frame.empty:
        st.info("Nobody began to pay in these months. Look at more months.", icon=":material/inbox:")
        return
    of = st.segmented_control(
        "Left of", list(_SHOWN), default="Revenue", key="left", bind="query-params", required=True
    )
    ratio, title = _SHOWN[of]
    with st.container(border=True):
        point = charts.clicked(own.cohort_map(frame, ratio, title), f"cohorts_{of}")
    if point is not None:
        look_behind(cohort=str(point["y"]))
    st.caption(
        "In percent of what the cohort began with: its tenants, and the MRR of their first payment. Month 0 is the end of the"
        " month in which it began. Click a cell to see its tenants."
    )


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(cohort=pd.array([months.name_of(int(cohort)) for cohort in frame["cohort"]], dtype="string"))

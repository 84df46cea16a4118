"""Revenue by plan, by region, and of each currency."""

from typing import cast

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.customers.growth import breakdowns, months
from core.customers.growth.breakdowns import By
from core.customers.tenants.rules import REGIONS, TIERS
from core.kernel.actor import Actor
from pages._parts import charts, exporting
from pages.customers._growth import charts as own
from pages.customers._growth.bar import Chosen

_NAMES: dict[str, dict[str, str]] = {
    "plan": {tier: tier.capitalize() for tier in TIERS},
    "region": {region: region for region in REGIONS} | {"": "Not in sight"},
}


def show(actor: Actor, chosen: Chosen, course: pd.DataFrame, place: DeltaGenerator) -> None:
    """One chart by plan or region, what it comes to at the end, and the other currencies beside."""
    del course
    by = cast(
        By, st.segmented_control("By", ["plan", "region"], default="plan", key="by", bind="query-params", required=True)
    )
    with place.container():
        exporting.button(
            actor, f"revenue by {by}", lambda who: _named(breakdowns.by(who, chosen.filters, by, count=chosen.count)),
            filters=chosen.told | {"by": by}, key=f"by_{by}_export",
        )  # fmt: skip
    frame = breakdowns.by(actor, chosen.filters, by, count=chosen.count)
    if frame.empty:
        st.info("Nothing was paid in these months. Look at more months, or at all regions.", icon=":material/inbox:")
        return
    with st.container(border=True):
        charts.show(own.parts(frame, _NAMES[by], f"MRR by {by}", chosen.filters.currency), f"by_{by}")
    left, right = st.columns(2)
    with left:
        _last(frame[frame["month"] == chosen.filters.as_of], by, chosen.filters.currency)
    with right:
        _currencies(actor, chosen)


def _last(frame: pd.DataFrame, by: str, currency: str) -> None:
    whole = float(frame["mrr"].sum() or 0)
    shown = pd.DataFrame({
        "part": [_NAMES[by].get(part, part) for part in frame["part"]], "mrr": frame["mrr"].astype(float),
        "share": [float(mrr) / whole if whole else None for mrr in frame["mrr"]], "tenants": frame["tenants"],
    })  # fmt: skip
    st.dataframe(
        shown.sort_values("mrr", ascending=False), hide_index=True, key=f"last_{by}",
        column_config={
            "part": by.capitalize(), "mrr": st.column_config.NumberColumn(f"MRR ({currency})", format="accounting"),
            "share": st.column_config.NumberColumn("Share", format="percent"), "tenants": "Paying tenants",
        },
    )  # fmt: skip


def _currencies(actor: Actor, chosen: Chosen) -> None:
    frame = breakdowns.by_currency(actor, chosen.filters)
    st.dataframe(
        frame.assign(mrr=frame["mrr"].astype(float)), hide_index=True, key="by_currency",
        column_config={
            "currency": "Currency", "mrr": st.column_config.NumberColumn("MRR", format="accounting"), "tenants": "Paying tenants",
        },
    )  # fmt: skip


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(month=pd.array([months.name_of(int(month)) for month in frame["month"]], dtype="string"))

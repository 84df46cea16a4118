"""Who stays: net and gross revenue retention, and tenants lost."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.kernel.actor import Actor
from pages._parts import charts
from pages._parts.moments import UNKNOWN
from pages.customers._growth import charts as own
from pages.customers._growth.bar import Chosen
from pages.customers._growth.movements import export

_SHARES = {
    "net_ratio_12": "Net, 12 months", "gross_ratio_12": "Gross, 12 months", "net_ratio": "Net, month",
    "gross_ratio": "Gross, month", "churn_ratio": "Tenants lost",
}  # fmt: skip


def show(actor: Actor, chosen: Chosen, course: pd.DataFrame, place: DeltaGenerator) -> None:
    """Twelve months and one month, each net and gross; then churn of tenants."""
    with place.container():
        export(actor, chosen)
    year, month = st.columns(2)
    with year.container(border=True):
        of_year = {"net_ratio_12": "Net", "gross_ratio_12": "Gross"}
        charts.show(own.shares(course, of_year, "Revenue kept over twelve months"), "kept_year")
    with month.container(border=True):
        of_month = {"net_ratio": "Net", "gross_ratio": "Gross"}
        charts.show(own.shares(course, of_month, "Revenue kept each month"), "kept_month")
    st.caption(
        "Unknown where nothing was paid at the beginning of the time. Gross never counts a tenant for more than it paid then."
    )
    table = course[["name", *_SHARES, "tenants_opening", "tenants_lost"]].iloc[::-1]
    named: dict[str, Any] = {
        "name": st.column_config.TextColumn("Month", pinned=True), "tenants_opening": "Paid at the beginning",
        "tenants_lost": "Of these lost",
    }  # fmt: skip
    named |= {name: st.column_config.NumberColumn(title, format="percent") for name, title in _SHARES.items()}
    st.dataframe(table, hide_index=True, key="growth_retention", placeholder=UNKNOWN, column_config=named)

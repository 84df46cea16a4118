"""What moved the revenue: by month, as a bridge of the chosen one, and as a table. A click shows the tenants behind."""

from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.customers.growth import queries
from core.kernel.actor import Actor
from pages._parts import charts, exporting
from pages._parts.moments import UNKNOWN
from pages.customers._growth import behind
from pages.customers._growth import charts as own
from pages.customers._growth.bar import Chosen, look_behind

_COLUMNS = {
    "name": "Month", "opening": "Opening", "new": "New", "reactivation": "Reactivation", "expansion": "Expansion",
    "contraction": "Contraction", "churn": "Churn", "closing": "Closing", "tenants_new": "Tenants new",
    "tenants_lost": "Tenants lost", "tenants_closing": "Tenants paying",
}  # fmt: skip


def show(actor: Actor, chosen: Chosen, course: pd.DataFrame, place: DeltaGenerator) -> None:
    """Two charts and the table; the export takes the months."""
    with place.container():
        export(actor, chosen)
    currency = chosen.filters.currency
    left, right = st.columns([3, 2])
    with left.container(border=True):
        point = charts.clicked(own.moved(course, currency), "moved")
    if point is not None:
        look_behind(month=str(point["x"]), kind=_kind(point))
    last = course.iloc[-1]
    with right.container(border=True):
        point = charts.clicked(own.bridge(dict(last), currency), "bridge")
    names = ["", *own.KINDS, behind.PAYING]
    if point is not None and names[int(point["point_index"])]:
        look_behind(month=last["name"], kind=names[int(point["point_index"])])
    st.caption("Click a bar to see the tenants behind it.")
    behind.show(actor, chosen)
    _table(course)


def export(actor: Actor, chosen: Chosen) -> None:
    exporting.button(
        actor, "growth", lambda who: queries.course(who, chosen.filters, count=chosen.count).drop(columns="month"),
        filters=chosen.told, key="growth_export",
    )  # fmt: skip


def _kind(point: dict[str, Any]) -> str:
    """Of a bar by its trace; the line of what it comes to is about all of them."""
    kinds, place = list(own.KINDS), int(point.get("curve_number", len(own.KINDS)))
    return kinds[place] if place < len(kinds) else behind.ANY


def _table(course: pd.DataFrame) -> None:
    money = {name: st.column_config.NumberColumn(title, format="accounting") for name, title in _COLUMNS.items()}
    counts = {
        name: st.column_config.NumberColumn(_COLUMNS[name], format="%d") for name in _COLUMNS if "tenants" in name
    }
    shown = course[list(_COLUMNS)].iloc[::-1]
    amounts = [name for name in _COLUMNS if name != "name" and "tenants" not in name]
    st.dataframe(
        shown.astype(dict.fromkeys(amounts, "float64")), hide_index=True, key="growth_months", placeholder=UNKNOWN,
        column_config=money | counts | {"name": st.column_config.TextColumn("Month", pinned=True)},
    )  # fmt: skip

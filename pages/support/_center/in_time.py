"""How long it took, and how often targets were met, as tables."""

import pandas as pd
import streamlit as st

from pages._parts.moments import UNKNOWN
from pages.support._figures.words import MEASURES, TARGETS, duration


def show(waits: pd.DataFrame, rates: pd.DataFrame, label: str) -> None:
    """Side by side."""
    left, right = st.columns([2, 3])
    with left:
        st.subheader("In time", anchor=False, help=f"Clocks that ended in {label}. Those that still run count nowhere.")
        _rates(rates)
    with right:
        st.subheader(
            "How long it took",
            anchor=False,
            help="Business hours: working hours of the ticket's terms, without pauses.",
        )
        _waits(waits)
        st.page_link("support/response_times.py", label="Open response times", icon=":material/timer:")


def _rates(rates: pd.DataFrame) -> None:
    shown = rates.assign(target=rates["target"].map(TARGETS))
    percent = {
        name: st.column_config.NumberColumn(title, format="percent")
        for name, title in (("met_ratio", "In time"), ("met_ratio_before", "Before"))
    }
    st.dataframe(
        shown, hide_index=True, key="center_rates", placeholder=UNKNOWN,
        column_config={"target": "Target", "met": "Met", "missed": "Missed", **percent},
    )  # fmt: skip


def _waits(waits: pd.DataFrame) -> None:
    rows = []
    for measure, title in MEASURES.items():
        row = waits[(waits["measure"] == measure) & ~waits["is_before"]]
        of = row.iloc[0] if len(row) else pd.Series(dtype="object")
        rows.append({
            "Measure": title, "Tickets": int(of.get("tickets", 0)), "Average": duration(of.get("wall_average_s")),
            "Median": duration(of.get("wall_median_s")), "Average, business": duration(of.get("business_average_s")),
            "Median, business": duration(of.get("business_median_s")),
        })  # fmt: skip
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="center_waits", placeholder=UNKNOWN)

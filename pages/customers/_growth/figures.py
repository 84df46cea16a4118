"""The figures of the chosen month, each against the month before."""

import pandas as pd
import streamlit as st

from pages.customers._growth.amounts import money, more, points, share
from pages.customers._growth.bar import Chosen

_HELP = {
    "mrr": "Monthly recurring revenue at the end of the month: what is paid for a month, of a year a twelfth.",
    "arr": "Annual recurring revenue: twelve times the MRR.",
    "tenants": "Tenants that pay at the end of the month. Trials and the free plan pay nothing.",
    "arpa": "Average revenue per account: MRR by paying tenants.",
    "net": "What the tenants that paid twelve months ago pay now, by what they paid then. Growth counts, new tenants do not.",
    "gross": "The same, but nobody counts for more than he paid then: what was kept without growth.",
    "churn": "Of the tenants that paid at the beginning of the month, those that do not at its end.",
}


def show(course: pd.DataFrame, chosen: Chosen) -> None:
    """Cards from MRR to churn."""
    now = course.iloc[-1]
    before = course.iloc[-2] if len(course) > 1 else now
    currency, past = chosen.filters.currency, course.tail(12)
    when = f"{now['name']}, up to now" if chosen.is_now else f"the end of {now['name']}"
    st.caption(f"As of {when}, compared with the month before.")
    with st.grid(4, gap="small", min_column_width=200):
        _card(
            "MRR", money(now["closing"], currency), more(now["closing"], before["closing"], 2), "mrr", past["closing"]
        )
        _card("ARR", money(now["arr"], currency, 0), more(now["arr"], before["arr"]), "arr", past["arr"])
        paying = "tenants_closing"
        _card("Paying tenants", f"{now[paying]:,}", more(now[paying], before[paying]), "tenants", past[paying])
        _card("ARPA", money(now["arpa"], currency), more(now["arpa"], before["arpa"], 2), "arpa", past["arpa"])
        for known in ("net", "gross"):
            kept = f"{known}_ratio_12"
            title, delta = f"{known.capitalize()} retention, 12 months", points(now[kept], before[kept])
            _card(title, share(now[kept]), delta, known, past[kept])
        lost = points(now["churn_ratio"], before["churn_ratio"])
        _card("Tenants lost", share(now["churn_ratio"]), lost, "churn", past["churn_ratio"], is_bad=True)


def _card(title: str, value: str, delta: str | None, known: str, past: pd.Series, *, is_bad: bool = False) -> None:
    """With its course over a year, as far as it is known."""
    course = past.astype("Float64").dropna().tolist()
    st.metric(
        title, value, delta, border=True, height="stretch", help=_HELP[known], delta_color="inverse" if is_bad else "normal",
        chart_data=course if len(course) > 1 else None, chart_type="line",
    )  # fmt: skip

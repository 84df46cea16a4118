"""What waits and what was given in the last twelve months, per currency."""

from datetime import date

import pandas as pd
import streamlit as st

from core.kernel.times import utc_now
from pages.customers._plans.words import money

_CARDS = (
    ("draft", "To approve", "Drafts of the last twelve months that nobody has approved yet."),
    ("approved", "To issue", "Approved in the last twelve months, without a number yet."),
    ("issued", "Issued in 12 months", "Credits of the last twelve months that customers were given."),
)


def since() -> date:
    """The first day of this month a year ago."""
    today = utc_now().date()
    return today.replace(year=today.year - 1, day=1)


def show(sums: pd.DataFrame) -> None:
    """Nothing when there is nothing."""
    for row in sums.to_dict("records"):
        with st.container(horizontal=True):
            for status, label, told in _CARDS:
                count = f"{label} ({int(row[f'{status}_count']):,})"
                st.metric(count, money(row[status], row["currency"]), border=True, help=told)

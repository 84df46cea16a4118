"""What the list of credits is narrowed by."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from core.reliability.sla.credit_queries import Filters
from pages.reliability._credits import words


def ask(months: Sequence[date]) -> Filters:
    """Draws the filters, which are kept in the address."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="text", bind="query-params", placeholder="Number, tenant, id", icon=":material/search:",
            max_chars=200,
        )  # fmt: skip
        month = st.selectbox(
            "Month", months, index=None, key="month", bind="query-params", format_func=words.month,
            placeholder="All months",
        )  # fmt: skip
        statuses = st.multiselect(
            "Status", list(words.STATUSES), key="status", bind="query-params", format_func=words.status
        )
        unowed = st.toggle(
            "Nothing owed", key="unowed", bind="query-params", help="Also months for which nothing is owed."
        )
    return Filters(text, month, tuple(statuses), with_unowed=unowed)

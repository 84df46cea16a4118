"""What narrows the table of customers, by the address."""

from collections.abc import Iterator
from dataclasses import asdict

import pandas as pd
import streamlit as st

from core.data.exports.streaming import frames
from core.kernel.actor import Actor
from core.reliability.sla import overview
from core.reliability.sla.overview import Filters
from pages._parts import exporting
from pages.reliability._sla import words

SORTS = {"Nearest to a breach": "margin", "Lowest uptime": "uptime", "Most violations": "violations", "Name": "tenant"}


def ask(actor: Actor) -> tuple[Filters, str]:
    """The filters and the order."""
    by_title = {title: key for key, (title, _) in words.STATES.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="text", bind="query-params", placeholder="Customer: name, domain or id", icon=":material/search:",
            width=260,
        )  # fmt: skip
        chosen = st.multiselect(
            "This month", list(by_title), key="state", bind="query-params", placeholder="Any", width=220
        )
        order = st.selectbox("Order", list(SORTS), key="order", bind="query-params", width=190)
        is_mine = st.toggle(
            "Mine only", key="mine", bind="query-params", help="Customers whose success manager you are."
        )
        with_ended = st.toggle(
            "Ended too", key="ended", bind="query-params", help="Contracts that are no longer measured."
        )
        filters = Filters(
            text,
            tuple(by_title[one] for one in chosen),
            csm_id=actor.operator_id if is_mine else None,
            with_ended=with_ended,
        )
        _export(actor, filters)
    return filters, SORTS[order]


def _export(actor: Actor, filters: Filters) -> None:
    def make(present: Actor) -> Iterator[pd.DataFrame]:
        return frames(present, overview.statement(filters))

    said = {name: value for name, value in asdict(filters).items() if value}
    exporting.button(actor, "sla customers", make, filters=said, key="sla_export")

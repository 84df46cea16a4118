"""What the page is about: as of which month, in which currency, of which regions, how far back. It lives in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.customers.growth import months
from core.customers.growth.filters import Filters
from core.customers.growth.queries import MOST_MONTHS, Extent
from core.customers.tenants.rules import REGIONS
from core.kernel.times import utc_now

SPANS = ("12", "24", "36", str(MOST_MONTHS))
# What a click puts into the address: the figure whose tenants are listed.
BEHIND = ("month", "kind", "cohort")


@dataclass(frozen=True, slots=True)
class Chosen:
    """`count` months up to `filters.as_of`; `is_now` while that month has not ended."""

    filters: Filters
    count: int
    is_now: bool

    @property
    def told(self) -> dict[str, Any]:
        """For the audit of an export."""
        return {
            "as_of": months.name_of(self.filters.as_of), "currency": self.filters.currency,
            "regions": list(self.filters.regions), "months": self.count,
        }  # fmt: skip


def choose(extents: list[Extent]) -> Chosen:
    """Draws the filters. A month of the address that is not offered is told and ignored."""
    now = months.number_of(utc_now())
    first = min(*(extent.first for extent in extents), now)
    named = {months.name_of(number): number for number in range(now, first - 1, -1)}
    _tell_unknown(named)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        as_of = st.selectbox(
            "As of the end of", list(named), key="as_of", bind="query-params", width=180,
            help="Figures of a past month stay what they were: they come out of the ledger, to which rows are only added."
            " Months are in UTC; the present one counts up to now.",
        )  # fmt: skip
        currencies = [extent.currency for extent in extents]
        currency = st.selectbox(
            "Currency", currencies, key="currency", bind="query-params", width=120,
            help="Amounts of different currencies are never added.",
        )  # fmt: skip
        regions = st.multiselect(
            "Region", REGIONS, key="region", bind="query-params", placeholder="All", width=240,
            help="The region that a tenant has today.",
        )  # fmt: skip
        span = st.segmented_control("Months", SPANS, default="24", key="months", bind="query-params", required=True)
    known = named[as_of]
    return Chosen(Filters(known, currency, tuple(regions)), int(span), known == now)


def _tell_unknown(named: Mapping[str, int]) -> None:
    asked = st.query_params.get("as_of")
    if asked is not None and asked not in named:
        st.caption(f"The address names no month of the ledger; this shows {next(iter(named))}.")


def look_behind(**values: str | None) -> None:
    """Puts the figure that was clicked into the address, or takes it out, and runs the page again."""
    for name in BEHIND:
        if values.get(name):
            st.query_params[name] = str(values[name])
        else:
            st.query_params.pop(name, None)
    st.rerun()

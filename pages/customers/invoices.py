"""Invoices: what is open, overdue and paid, across tenants; import, payments, export."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date

import pandas as pd
import streamlit as st

from core.customers.invoices import queries
from core.customers.invoices.queries import Filters
from core.kernel.actor import Actor
from pages._parts import exporting, paging, views
from pages._parts.frame import begin_page, zone
from pages.customers._invoices import detail, grid, importer
from pages.customers._invoices.dialogs import dialogs
from pages.customers._plans import words

actor = begin_page("customers/invoices")
opened = st.query_params.get("invoice")
if opened:
    detail.show(actor, opened)
    st.stop()


def _filters() -> Filters:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="text", bind="query-params", placeholder="Number, external id, tenant", icon=":material/search:",
            max_chars=200,
        )  # fmt: skip
        statuses = st.multiselect(
            "Status", grid.STATUSES, key="status", bind="query-params", format_func=str.capitalize
        )
        since = st.date_input("Issued since", None, key="since", bind="query-params", format="YYYY-MM-DD")
        until = st.date_input("Until", None, key="until", bind="query-params", format="YYYY-MM-DD")
        overdue = st.toggle("Overdue", key="overdue", bind="query-params")
    return Filters(text, tuple(statuses), None, overdue, _day(since), _day(until))


def _day(value: object) -> date | None:
    return value if isinstance(value, date) else None


def _sums(found: pd.DataFrame) -> None:
    """Open, overdue and paid, per currency."""
    for row in found.to_dict("records"):
        with st.container(horizontal=True):
            st.metric(f"Open ({int(row['open_count']):,})", words.money(row["open"], row["currency"]), border=True)
            st.metric(
                f"Overdue ({int(row['overdue_count']):,})", words.money(row["overdue"], row["currency"]), border=True
            )
            st.metric("Paid in 30 days", words.money(row["paid_30d"], row["currency"]), border=True)


def _make(filters: Filters) -> Callable[[Actor], Iterator[pd.DataFrame]]:
    return lambda present: queries.chunks(present, filters)


def _bar(actor: Actor) -> st.delta_generator.DeltaGenerator:
    with st.container(horizontal=True, horizontal_alignment="right"):
        views.bar(actor, "customers/invoices", ignore=("invoice",))
        place = st.empty()
        if actor.may("invoices:create") and st.button("Import", key="import", icon=":material/upload_file:"):
            dialogs.open_now("import")
    return place


place = _bar(actor)
if dialogs.is_open("import"):
    importer.form(actor)
_sums(queries.sums(actor))
filters = _filters()
with place.container():
    exporting.button(actor, "invoices", _make(filters), filters=asdict(filters))

way = paging.trail("invoices", filters)
page = queries.directory(actor, filters, after=paging.after(way), limit=paging.SIZE)
if page.frame.empty:
    message = "No invoice matches. Clear a filter, or search for something else."
    none = "There are no invoices yet. They come with paid subscriptions, by import, or from the API."
    st.info(message if filters != Filters() else none, icon=":material/inbox:")
    st.stop()
chosen = grid.show(page.frame, str(zone(actor)))
if chosen:
    grid.open_one(chosen)
paging.buttons("invoices", way, len(page.frame), page.next)

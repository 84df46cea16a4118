"""The view of records: filters, export, grid."""

import streamlit as st

from core.customers.infrastructure import queries, rules
from core.customers.infrastructure.queries import AGREEMENTS, Filters
from core.customers.infrastructure.regions import GROUPS, PROVIDER_TITLES, PROVIDERS
from core.data.exports.streaming import frames
from core.kernel.actor import Actor
from pages._parts import exporting, paging
from pages.customers._infrastructure import grid, texts
from pages.customers._infrastructure.dialogs import dialogs


def show(actor: Actor) -> None:
    """Every record in sight, newest first."""
    filters = _filters(actor)
    way = paging.trail("infrastructure", filters)
    page = queries.directory(actor, filters, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        none = "No tenant has infrastructure of its own yet. Request the first."
        told = none if filters == Filters() else "No record matches. Clear a filter, or search for something else."
        st.info(told, icon=":material/inbox:")
        return
    grid.show(actor, page.frame)
    paging.buttons("infrastructure", way, len(page.frame), page.next, lambda: queries.count(actor, filters))


def _filters(actor: Actor) -> Filters:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            key="text",
            bind="query-params",
            placeholder="Tenant, host, database or id",
            icon=":material/search:",
        )
        statuses = st.multiselect(
            "Status", rules.STATUSES, key="status", bind="query-params", format_func=str.capitalize
        )
        agreements = st.multiselect(
            "Residency", AGREEMENTS, key="residency", bind="query-params", format_func=texts.AGREEMENTS.__getitem__
        )
        groups = st.multiselect("Lies in", GROUPS, key="group", bind="query-params")
        providers = st.multiselect(
            "Provider", PROVIDERS, key="provider", bind="query-params", format_func=PROVIDER_TITLES.__getitem__
        )
        filters = Filters(text, tuple(statuses), tuple(providers), tuple(groups), tuple(agreements))
        _export(actor, filters)
        if actor.may("infrastructure:create") and st.button(
            "Request", key="request", type="primary", icon=":material/add:"
        ):
            dialogs.open_now("request")
    return filters


def _export(actor: Actor, filters: Filters) -> None:
    asked = {"search": filters.text, "status": filters.statuses, "residency": filters.agreements, "group": filters.groups,
             "provider": filters.providers}  # fmt: skip
    exporting.button(
        actor,
        "infrastructure",
        lambda person: frames(person, queries.listed(filters)),
        filters=asked,
        key="records_export",
    )

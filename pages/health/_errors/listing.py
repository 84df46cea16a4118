"""All errors of a time by cause: filters, totals, and the table with what can be done."""

from typing import cast
from uuid import UUID

import streamlit as st

from core.health.errors import queries
from core.health.errors.assignees import assignees
from core.health.errors.queries import Filters, Sort
from core.kernel.actor import Actor
from pages._parts import time_range
from pages._parts.frame import live
from pages._parts.time_range import TimeRange
from pages.health._errors import acts, grid, texts, totals

ANYONE, ME = "Anyone", "Me"


def show(actor: Actor) -> None:
    """The list; it refreshes by itself while its time ends now."""
    span = time_range.choose(actor)
    filters, sort = _filters(actor)
    acts.open_dialog(actor)
    _figures(actor, span)
    _table(actor, span, filters, sort)


@live("15s")
def _figures(actor: Actor, span: TimeRange) -> None:
    totals.show(actor, texts.present(span))


@live("15s")
def _table(actor: Actor, span: TimeRange, filters: Filters, sort: Sort) -> None:
    grid.show(actor, texts.present(span), filters, sort)


def _filters(actor: Actor) -> tuple[Filters, Sort]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="text", bind="query-params", placeholder="Type, message, route or fingerprint",
            icon=":material/search:",
        )  # fmt: skip
        shown = st.selectbox("State", list(texts.SHOWN), key="state", bind="query-params")
        services = st.multiselect("Service", queries.services(actor), key="service", bind="query-params")
        assignee_id = _assignee(actor)
        sort = st.selectbox("Order", list(texts.SORTS), key="sort", bind="query-params")
        if st.button("Trace a request", key="open_trace", icon=":material/timeline:"):
            st.query_params["request"] = ""
            st.rerun()
    kind = st.query_params.get("type")
    if kind and st.button(f"Only {kind}", key="clear_type", icon=":material/close:", help="Shows all types again."):
        del st.query_params["type"]
        st.rerun()
    types = (kind,) if kind else ()
    filters = Filters(text, tuple(services), texts.SHOWN[shown], types, assignee_id)
    return filters, cast(Sort, texts.SORTS[sort])


def _assignee(actor: Actor) -> UUID | None:
    """Whose errors; None for anyone's."""
    people = assignees(actor)
    names = dict(zip(people["name"], people["id"], strict=True))
    chosen = st.selectbox("Assignee", [ANYONE, ME, *names], key="assignee", bind="query-params")
    if chosen == ME:
        return actor.id
    return None if chosen == ANYONE else UUID(names[chosen])

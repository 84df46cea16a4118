"""What is listed, and in which order; all of it in the address."""

from uuid import UUID

import streamlit as st

from core.access.operators import queries as operators
from core.health.monitors import queries, rules
from core.health.monitors.queries import Filters
from core.health.monitors.queries.lists import Sort
from core.kernel.actor import Actor
from pages.health._monitors import texts

MINE = "Mine"
SORTS: dict[Sort, str] = {
    "name": "Name", "state": "Worst state first", "latency": "Slowest first", "since": "Latest change first",
}  # fmt: skip


def ask(actor: Actor) -> tuple[Filters, Sort]:
    """The filters as chosen, and the order."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="text", bind="query-params", placeholder="Name, target or id", icon=":material/search:"
        )
        states = st.multiselect(
            "State", texts.WORST_FIRST, key="state", bind="query-params", format_func=texts.state, placeholder="Any"
        )
        kinds = st.multiselect(
            "Kind", rules.KINDS, key="kind", bind="query-params", format_func=texts.KINDS.__getitem__, placeholder="Any"
        )
        tags = st.multiselect("Tag", queries.tags(actor), key="tag", bind="query-params", placeholder="Any")
        owner = _owner(actor)
        sort = st.selectbox(
            "Order", list(SORTS), key="sort", bind="query-params", format_func=SORTS.__getitem__, width=210
        )
    return Filters(text.strip(), tuple(states), tuple(kinds), tuple(tags), owner_id=owner), sort


def _owner(actor: Actor) -> UUID | None:
    labels: dict[str, UUID | None] = {MINE: actor.operator_id}
    if actor.may("operators:read"):
        people = operators.directory(actor)
        labels |= {f"{row['name']} ({row['email']})": UUID(row["id"]) for row in people.to_dict("records")}
    chosen = st.selectbox(
        "Owner", list(labels), None, key="owner", bind="query-params", placeholder="Anybody", width=170
    )
    return labels[chosen] if chosen else None

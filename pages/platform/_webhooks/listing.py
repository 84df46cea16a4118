"""The endpoints: who is told, of what, and how well it goes."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.webhooks import queries
from core.platform.webhooks.catalogue import catalogue
from core.platform.webhooks.queries import Filters
from pages._parts import paging
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.platform._webhooks import create, texts


def show(actor: Actor) -> None:
    """Filters and the grid; a click opens an endpoint."""
    _table(actor, _filters(actor))


def turn_to_trouble() -> None:
    """For a link from elsewhere: those that need somebody, whatever filters were left set here."""
    state: dict[str, Any] = {"view": "Endpoints", "state": ["resting", "disabled"], "text": "", "hears": None}
    for key, value in state.items():
        st.session_state[key] = value


def _filters(actor: Actor) -> Filters:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search",
            key="text",
            bind="query-params",
            placeholder="Start of a name or host, or an id",
            icon=":material/search:",
        )
        states = st.multiselect(
            "Status", queries.STATES, key="state", bind="query-params", format_func=lambda one: texts.STATES[one][0]
        )
        event = st.selectbox(
            "Hears", list(catalogue()), None, key="hears", bind="query-params", placeholder="Any event"
        )
        if actor.may("webhooks:create"):
            create.button()
    return Filters(text, tuple(states), event or "")


@live("10s")
def _table(actor: Actor, filters: Filters) -> None:
    way = paging.trail("webhooks", filters)
    page = queries.directory(actor, filters, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        _nothing(actor, filters)
        return
    event = st.dataframe(
        _shown(page.frame), hide_index=True, key=table_key("webhooks"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(page.frame) < 15 else 560, column_config=_columns(actor),
    )  # fmt: skip
    if event.selection.rows:
        open_row("webhooks", "webhook", page.frame["id"].iloc[event.selection.rows[0]])
    paging.buttons("webhooks", way, len(page.frame), page.next, lambda: queries.count(actor, filters))


def _nothing(actor: Actor, filters: Filters) -> None:
    if filters != Filters():
        message = "No webhook matches. Clear a filter, or search for something else."
    elif actor.may("webhooks:create"):
        message = "There are no webhooks yet. Create the first one."
    else:
        message = "There are no webhooks in your sight yet."
    st.info(message, icon=":material/inbox:")


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame.to_dict("records")
    told = frame.assign(
        owner=[texts.owner(row) for row in rows],
        events=[texts.events(row["events"]) for row in rows],
        state=[texts.state(row)[0] for row in rows],
        answer=[UNKNOWN if texts.is_unknown(row["last_attempt_at"]) else texts.answer(row["last_status"], row["last_error"])
                for row in rows],
    )  # fmt: skip
    return told[["name", "state", "url", "events", "owner", "success_ratio", "last_attempt_at", "answer"]]


def _columns(actor: Actor) -> dict[str, Any]:
    told = "Share of the attempts of 24 hours that were answered 2xx."
    return {
        "name": st.column_config.TextColumn("Name", width=150),
        "state": st.column_config.TextColumn("Status", width=150),
        "url": st.column_config.TextColumn("URL", width=170),
        "events": st.column_config.TextColumn("Events", width=110),
        "owner": st.column_config.TextColumn("Of", width=95),
        "success_ratio": st.column_config.NumberColumn("Success", format="percent", width=70, help=told),
        "last_attempt_at": st.column_config.DatetimeColumn(
            "Last triggered", format="distance", width=105, timezone=str(zone(actor))
        ),
        "answer": st.column_config.TextColumn("Last answer"),
    }

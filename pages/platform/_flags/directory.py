"""The list of flags: filters in the address, quick switch, archive, create."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from core.platform.flags.queries import Filters
from pages._parts import paging
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.platform._flags import create, switching, words


def show(actor: Actor, environment: str) -> None:
    """Filters, the grid, and what can be done with what is ticked."""
    filters = _filters(actor, environment)
    way = paging.trail("flags", filters)
    page = queries.directory(actor, filters, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        is_narrowed = filters != Filters(environment=filters.environment)
        told = "No flag matches. Clear a filter." if is_narrowed else "There are no flags yet. Create the first one."
        st.info(told, icon=":material/inbox:")
        return
    chosen = _grid(actor, page.frame)
    paging.buttons("flags", way, len(page.frame), page.next, lambda: queries.count(actor, filters))
    switching.acts(actor, chosen, filters.environment)


def _filters(actor: Actor, environment: str) -> Filters:
    people = queries.owners(actor)
    names = dict(zip(people["id"].astype(str), people["name"], strict=True))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="q", bind="query-params", placeholder="Start of name or key, or id", icon=":material/search:"
        )
        states = st.multiselect(
            "State", queries.STATES, key="state", bind="query-params", format_func=words.state, width=150
        )
        kinds = st.multiselect(
            "Kind", queries.KINDS, key="kind", bind="query-params", format_func=words.KINDS.__getitem__, width=150
        )
        owner = st.selectbox(
            "Owner", list(names), None, key="owner", bind="query-params", format_func=names.__getitem__,
            placeholder="Anybody", width=150,
        )  # fmt: skip
        is_archived = st.toggle("Archived", key="archived", bind="query-params")
        if actor.may("flags:create"):
            create.button(actor)
    return Filters(text, environment, tuple(states), tuple(kinds), UUID(owner) if owner else None, is_archived)


SHOWN = [
    "name", "key", "state", "rollout_percentage", "rules", "overrides", "owner", "last_evaluated_at", "waiting", "protected",
]  # fmt: skip


def _columns(here: str) -> dict[str, Any]:
    column = st.column_config
    return {
        "name": column.TextColumn("Flag", width=210),
        "key": column.TextColumn("Key", width=160),
        "state": column.TextColumn("State", width=75),
        "rollout_percentage": column.ProgressColumn("Rollout", min_value=0, max_value=100, format="%g %%", width=90),
        "rules": column.NumberColumn("Rules", width=55),
        "overrides": column.NumberColumn("Overrides", width=80),
        "owner": column.TextColumn("Owner", width=110),
        "last_evaluated_at": column.DatetimeColumn("Last evaluated", format="distance", timezone=here, width=115),
        "waiting": column.NumberColumn("To review", width=80),
        "protected": column.TextColumn("Protection", width=85),
    }


def _grid(actor: Actor, found: pd.DataFrame) -> pd.DataFrame:
    """The page of flags; a click on a cell opens the flag. Returns the ticked ones."""
    known = {name: found[name].where(found[name] > 0) for name in ("waiting", "overrides", "rules")}
    shown = found.assign(
        state=found["state"].map(words.state), protected=found["is_protected"].map({True: "Protected"}), **known
    )
    event = st.dataframe(
        shown[SHOWN], column_config=_columns(str(zone(actor))), hide_index=True, key=table_key("flags"), on_select="rerun",
        selection_mode=["multi-row", "single-cell"], placeholder=UNKNOWN, height="content" if len(found) < 15 else 560,
    )  # fmt: skip
    if event.selection.cells:
        open_row("flags", "flag", found["id"].iloc[event.selection.cells[0][0]])
    return found.iloc[event.selection.rows]

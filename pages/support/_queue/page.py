"""The queue: what is shown by the address, the grid to browse or to edit, and what is done with many."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.kernel.actor import Actor
from core.support.tickets import queries
from core.support.tickets.queries import Filters
from pages._parts import exporting, paging, results, views
from pages.support._queue import choices, create, editing, grid, many, way
from pages.support._queue.choices import Choices

KEY, BROWSE, EDIT = "support/queue", "Browse", "Edit"
MOST = 1_000  # tickets are counted up to here
PART = 1_000  # rows of an export that are read at once


def show(actor: Actor) -> None:
    """The whole queue."""
    head = st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center")
    with head:
        views.bar(actor, KEY, ignore=("mode",))
        choices.choose_columns()
    chosen = choices.show(actor)
    with head:
        _export(actor, chosen)
        create.button(actor)
    results.show("ticket")
    _rows(actor, chosen)


def _rows(actor: Actor, chosen: Choices) -> None:
    """The page of tickets that filters, order and the way through the pages lead to."""
    trail = paging.trail("tickets", (chosen.filters, chosen.sort))
    page = queries.directory(actor, chosen.filters, sort=chosen.sort, after=paging.after(trail), limit=paging.SIZE)
    if page.frame.empty and trail:  # those that were on this page have gone since
        trail.clear()
        st.rerun()
    if page.frame.empty:
        _nothing(actor, chosen)
        _unsaved()
        return
    way.remember(page.frame, chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        mode = _mode(actor)
        bar = st.container(width="stretch")
    if mode == EDIT:
        editing.show(actor, page.frame, chosen)
    else:
        _browse(actor, page.frame, chosen, bar)
    many.open_dialog(actor)
    is_whole = not trail and page.next is None
    _foot(actor, chosen.filters, len(page.frame) if is_whole else None)
    paging.buttons("tickets", trail, len(page.frame), page.next)


def _mode(actor: Actor) -> str:
    if not actor.may("tickets:update"):
        return BROWSE
    mode: str = st.segmented_control(
        "Mode", [BROWSE, EDIT], default=BROWSE, key="mode", label_visibility="collapsed", required=True
    )
    return mode


def _browse(actor: Actor, frame: pd.DataFrame, chosen: Choices, bar: DeltaGenerator) -> None:
    """The grid, and above it what can be done with the rows that are chosen in it."""
    offers = actor.may("tickets:update")
    rows = grid.show(actor, frame, chosen, with_rows=offers)
    with bar:
        if offers:
            many.bar(actor, rows, chosen)
        _unsaved()


def _unsaved() -> None:
    """That something was typed in the grid and is not saved."""
    if waiting := len(editing.GRID.kept()):
        st.caption(f":material/edit: {waiting} not saved yet: choose Edit to go on.")


def _foot(actor: Actor, filters: Filters, known: int | None) -> None:
    """How many match. They are counted only where they are more than a page, and not without end."""
    count = queries.count_up_to(actor, filters, limit=MOST) if known is None else known
    told = f"{MOST:,} tickets or more" if count >= MOST else f"{count:,} ticket{'' if count == 1 else 's'}"
    st.caption(f"{told}. Keys: J and K walk, O opens.")


def _export(actor: Actor, chosen: Choices) -> None:
    wanted = {name: value for name, value in asdict(chosen.filters).items() if value not in ("", (), None, False)}
    exporting.button(actor, "tickets", partial(_frames, chosen), filters=wanted | {"sort": chosen.sort})


def _frames(chosen: Choices, actor: Actor) -> Iterator[pd.DataFrame]:
    """The chosen columns of all that match; the time left as the moment at which it ends."""
    stored = {"unread": "is_unread", "left": "due_at", "sla": "sla_state"}
    names = ["id", *dict.fromkeys(stored.get(name, name) for name in chosen.columns)]
    after: str | None = None
    while True:
        page = queries.directory(actor, chosen.filters, sort=chosen.sort, after=after, limit=PART)
        yield page.frame[names].assign(**({"tags": page.frame["tags"].str.join(", ")} if "tags" in names else {}))
        after = page.next
        if after is None:
            return


def _nothing(actor: Actor, chosen: Choices) -> None:
    if chosen.is_narrowed:
        st.info("No ticket matches. Clear a filter, or search for something else.", icon=":material/inbox:")
    elif chosen.filters != Filters():
        st.info("No ticket is active: the queue is empty. Choose All to see what is done.", icon=":material/done_all:")
    elif actor.may("tickets:create"):
        st.info("There are no tickets yet. Create the first one.", icon=":material/inbox:")
    else:
        st.info("There are no tickets in your sight yet.", icon=":material/inbox:")

"""The tenants directory: what is shown by the address, the grid to browse or to edit, and what is done with many."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from uuid import UUID

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.customers.tenants import colleagues, queries
from core.customers.tenants.queries import Filters
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts import exporting, paging, results, views
from pages._parts.frame import zone
from pages._parts.moments import clock
from pages.customers._directory import choices, columns, editing, grid, many
from pages.customers._directory.choices import Choices
from pages.customers._tenant import wizard

KEY, BROWSE, EDIT = "customers/tenants", "Browse", "Edit"
STALE = timedelta(minutes=5)


def show(actor: Actor) -> None:
    """The whole directory."""
    head, chosen, labels = _choices(actor)
    with head:
        _export(actor, chosen)
        wizard.button(actor)
    results.show("tenant")
    way = paging.trail("tenants", (chosen.filters, chosen.sort))
    page = queries.directory(
        actor, chosen.filters, sort=chosen.sort, after=paging.after(way), limit=paging.SIZE, names=labels
    )
    if page.frame.empty and way:  # those that were on this page have gone since
        way.clear()
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        mode = _mode(actor)
        bar = st.container(width="stretch")
    if page.frame.empty:
        _nothing(actor, chosen.filters)
        _unsaved()
        return
    total = _total(actor, chosen.filters, len(page.frame) if not way and page.next is None else None)
    if mode == EDIT:
        editing.show(actor, page.frame, chosen, labels)
    else:
        _browse(actor, page.frame, chosen, total, bar)
    many.open_dialog(actor, labels)
    _foot(actor, page.frame)
    paging.buttons("tenants", way, len(page.frame), page.next, lambda: total, size=paging.SIZE)


def _choices(actor: Actor) -> tuple[DeltaGenerator, Choices, dict[UUID, str]]:
    """The head of the page, what is chosen to be shown, and the colleagues by id."""
    labels = columns.labels(colleagues.names(actor))
    head = st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center")
    with head:
        views.bar(actor, KEY, ignore=("tenant", "tab", "mode"))
        choices.choose_columns(actor)
    return head, choices.show(actor, labels, queries.tags(actor)), labels


def _total(actor: Actor, filters: Filters, known: int | None) -> int:
    """How many match; they are counted only where they are more than a page."""
    return queries.count(actor, filters) if known is None else known


def _mode(actor: Actor) -> str:
    if not actor.may("tenants:update"):
        return BROWSE
    mode: str = st.segmented_control(
        "Mode", [BROWSE, EDIT], default=BROWSE, key="mode", label_visibility="collapsed", required=True
    )
    return mode


def _browse(actor: Actor, frame: pd.DataFrame, chosen: Choices, total: int, bar: DeltaGenerator) -> None:
    """The grid, and above it what can be done with the rows that are chosen in it."""
    offers = bool(many.offered(actor))
    rows = grid.show(actor, frame, chosen, with_rows=offers)
    with bar:
        if offers:
            many.bar(actor, rows, chosen.filters, total)
        _unsaved()


def _unsaved() -> None:
    """That something was typed in the grid and is not saved."""
    if waiting := len(editing.GRID.kept()):
        st.caption(f":material/edit: {waiting} not saved yet: choose Edit to go on.")


def _export(actor: Actor, chosen: Choices) -> None:
    wanted = {name: value for name, value in asdict(chosen.filters).items() if value not in ("", (), None)}
    exporting.button(actor, "tenants", partial(_frames, chosen), filters=wanted | {"sort": chosen.sort})


def _frames(chosen: Choices, actor: Actor) -> Iterator[pd.DataFrame]:
    """The chosen columns of all that match, with what their figures need to be understood."""
    names = ["id", *chosen.columns]
    names += ["seats"] if "seats_used" in names else []
    names += ["currency"] if {"mrr", "revenue_30d"} & set(names) else []
    for frame in queries.chunks(actor, chosen.filters, sort=chosen.sort):
        yield frame[names].assign(**({"tags": frame["tags"].str.join(", ")} if "tags" in names else {}))


def _nothing(actor: Actor, filters: Filters) -> None:
    if filters != Filters():
        st.info("No tenant matches. Clear a filter, or search for something else.", icon=":material/inbox:")
    elif actor.may("tenants:create"):
        st.info("There are no tenants yet. Create the first one.", icon=":material/inbox:")
    else:
        st.info("There are no tenants in your sight yet.", icon=":material/inbox:")


def _foot(actor: Actor, frame: pd.DataFrame) -> None:
    """How old the figures are."""
    counted, now = frame["computed_at"].dropna(), utc_now()
    if counted.empty:
        st.caption("Figures are unknown: they are counted every minute by the jobs process, which has not run yet.")
        return
    oldest = counted.min().to_pydatetime()
    told = f"Figures of {clock(oldest, zone(actor), now=now)}."
    if now - oldest > STALE:
        st.warning(f"{told} They are counted every minute as long as jobs run.", icon=":material/hourglass_disabled:")
    else:
        st.caption(told)

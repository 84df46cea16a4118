"""Incidents: what runs now, and all of them by filters and saved views."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import queries
from core.reliability.incidents.queries import Filters
from pages._parts import exporting, paging, views
from pages.reliability._incidents import choices, declaring, grid, merging, running, templates
from pages.reliability._incidents.choices import Choices

KEY = "reliability/incidents"
MOST, PART = 1_000, 1_000
_EXPORTED = [
    "reference", "title", "severity", "status", "kind", "source", "services", "lead", "reported_by_name", "started_at",
    "declared_at", "acknowledged_at", "resolved_at", "closed_at", "tenants", "users", "requests_failed", "is_public",
]  # fmt: skip


def show(actor: Actor) -> None:
    """The whole page."""
    head = st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center")
    with head:
        views.bar(actor, KEY)
        templates.button(actor)
    running.show(actor)
    chosen = choices.show(actor)
    with head:
        _export(actor, chosen)
        declaring.button(actor)
    _rows(actor, chosen)


def _rows(actor: Actor, chosen: Choices) -> None:
    trail = paging.trail("incidents", (chosen.filters, chosen.sort))
    page = queries.directory(actor, chosen.filters, sort=chosen.sort, after=paging.after(trail), limit=paging.SIZE)
    if page.frame.empty and trail:  # those that were on this page have gone since
        trail.clear()
        st.rerun()
    if page.frame.empty:
        _nothing(actor, chosen)
        return
    bar = st.container(horizontal=True, vertical_alignment="center")
    rows = grid.show(page.frame, actor)
    with bar:
        merging.button(actor, rows)
        is_whole = not trail and page.next is None
        _count(actor, chosen.filters, len(page.frame) if is_whole else None)
    paging.buttons("incidents", trail, len(page.frame), page.next)


def _count(actor: Actor, filters: Filters, known: int | None) -> None:
    """How many match. They are counted only where they are more than a page, and not without end."""
    count = queries.count_up_to(actor, filters, limit=MOST) if known is None else known
    told = f"{MOST:,} incidents or more" if count >= MOST else f"{count:,} incident{'' if count == 1 else 's'}"
    st.caption(f"{told}. Click on a number or title to open it.")


def _export(actor: Actor, chosen: Choices) -> None:
    wanted = {name: value for name, value in asdict(chosen.filters).items() if value not in ("", (), None, False)}
    exporting.button(actor, "incidents", partial(_frames, chosen), filters=wanted | {"sort": chosen.sort})


def _frames(chosen: Choices, actor: Actor) -> Iterator[pd.DataFrame]:
    after: str | None = None
    while True:
        page = queries.directory(actor, chosen.filters, sort=chosen.sort, after=after, limit=PART)
        yield page.frame[_EXPORTED].assign(services=page.frame["services"].str.join(", "))
        after = page.next
        if after is None:
            return


def _nothing(actor: Actor, chosen: Choices) -> None:
    if chosen.is_narrowed:
        st.info("No incident matches. Clear a filter, or search for something else.", icon=":material/inbox:")
    elif chosen.filters.is_live:
        st.info("No incident runs. Choose All to see what was.", icon=":material/done_all:")
    elif actor.may("incidents:create"):
        st.info("There are no incidents yet. Declare one when something is wrong.", icon=":material/inbox:")
    else:
        st.info("There are no incidents yet.", icon=":material/inbox:")

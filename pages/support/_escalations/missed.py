"""Targets that were missed, the latest first."""

from datetime import datetime, timedelta

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.support.breaches import queries
from pages._parts import paging
from pages._parts.frame import zone
from pages.support._escalations import filters, grid

SPANS = {"Today": 0, "7 days": 7, "30 days": 30}


def show(actor: Actor) -> None:
    """Filters, list, pages."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        span = st.segmented_control(
            "Since", list(SPANS), default="Today", key="since", bind="query-params", required=True
        )
        wanted, since = filters.ask(actor, of=("priority", "target", "team", "assignee")), _since(actor, span)
        filters.export(actor, "missed targets", lambda: queries.breaches_statement(wanted, since), wanted, since=span)
    way = paging.trail("missed", (wanted, span))
    page = queries.breaches(actor, wanted, since=since, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        none = "No target was missed in that time."
        said = none if wanted == queries.Filters() else "No missed target matches. Clear a filter."
        st.info(said, icon=":material/check_circle:")
        return
    grid.show(actor, "missed", page.frame, ticket="ticket_id")
    st.caption("Team and assignee are those of the moment at which it was found; the rest is as it is now.")
    paging.buttons("missed", way, len(page.frame), page.next)


def _since(actor: Actor, span: str) -> datetime:
    """Midnight of the viewer, so many days ago."""
    midnight = utc_now().astimezone(zone(actor)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=SPANS[span])

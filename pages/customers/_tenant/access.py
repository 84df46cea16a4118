"""Who can see the tenant because it is assigned to him, and who was in."""

from datetime import datetime, time, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from core.customers.overview import trail
from core.customers.overview.trail import Filters
from core.kernel.actor import Actor
from pages._parts import paging
from pages._parts.frame import zone
from pages.customers._tenant import assigned, history

DAYS_BACK = timedelta(days=29)
_KINDS: dict[str, trail.Kind | None] = {
    "Everything": None,
    "Changed": "changed",
    "Looked": "looked",
    "Exported": "exported",
}


def show(actor: Actor, tenant: dict[str, Any]) -> None:
    """Both parts, as far as the role sees them."""
    if actor.may("assignments:read"):
        assigned.show(actor, tenant)
    if actor.may("audit:read"):
        _visits(actor, tenant)


def _visits(actor: Actor, tenant: dict[str, Any]) -> None:
    st.subheader("Who was in", anchor=False)
    filters = _filters(actor)
    if filters is None:
        st.info("Choose the last day too.", icon=":material/date_range:")
        return
    people = trail.people(actor, tenant["id"], filters)
    if people.empty:
        st.info("Nobody was in. Widen the days or clear a filter.", icon=":material/inbox:")
        return
    _people(actor, people)
    _entries(actor, tenant, filters)


def _filters(actor: Actor) -> Filters | None:
    """None while only the first day is chosen."""
    here = zone(actor)
    today = datetime.now(here).date()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        who = st.text_input("Who", key="access_who", bind="query-params", placeholder="Name, or its start", width=220)
        kind = st.segmented_control(
            "What", list(_KINDS), default="Everything", key="access_kind", bind="query-params", required=True
        )
        days: Any = st.date_input(
            "Days", (today - DAYS_BACK, today), key="access_days", max_value=today, bind="query-params", width=250
        )
    if not isinstance(days, tuple) or len(days) != 2:
        return None
    since, until = (datetime.combine(day, time(), here) for day in (days[0], days[1] + timedelta(days=1)))
    return Filters(since, until, who.strip() or None, _KINDS[kind])


def _people(actor: Actor, people: pd.DataFrame) -> None:
    here = str(zone(actor))
    st.dataframe(
        people.assign(actor_role=people["actor_role"].str.replace("_", " ").str.capitalize()), hide_index=True,
        key="access_people", height="content" if len(people) < 8 else 300,
        column_config={
            "actor_name": "Who", "actor_role": "Role", "changed": st.column_config.NumberColumn("Changed", width=90),
            "looked": st.column_config.NumberColumn("Looked", width=90),
            "exported": st.column_config.NumberColumn("Exported", width=90),
            "first_at": st.column_config.DatetimeColumn("First", format="YYYY-MM-DD HH:mm", timezone=here),
            "last_at": st.column_config.DatetimeColumn("Latest", format="YYYY-MM-DD HH:mm", timezone=here),
        },
    )  # fmt: skip


def _entries(actor: Actor, tenant: dict[str, Any], filters: Filters) -> None:
    way = paging.trail("tenant_access", (tenant["id"], filters))
    page = trail.entries(actor, tenant["id"], filters, after=paging.after(way), limit=paging.SIZE)
    history.table(actor, page.frame, "access_entries")
    paging.buttons("tenant_access", way, len(page.frame), page.next)

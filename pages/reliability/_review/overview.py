"""Post-mortems of all incidents, and their action items."""

from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import people
from core.reliability.review import queries
from core.reliability.review.queries import Filters
from pages._parts import paging
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages.reliability._review import items, words

VIEWS = {"post_mortems": "Post-mortems", "items": "Action items"}


def show(actor: Actor) -> None:
    """The figures, and the view that is chosen."""
    counts = queries.counts(actor)
    with st.container(horizontal=True):
        st.metric("Open action items", counts["open"], border=True, width=200)
        st.metric("Overdue", counts["overdue"], border=True, width=200)
        st.metric("Waiting for review", counts["review"], border=True, width=200)
    view = st.segmented_control(
        "View", list(VIEWS), default="post_mortems", format_func=VIEWS.__getitem__, key="view", bind="query-params",
        label_visibility="collapsed", required=True,
    )  # fmt: skip
    if view == "items":
        items.listed(actor, _filters(actor))
    else:
        _post_mortems(actor)


def _filters(actor: Actor) -> Filters:
    known = {row["name"]: UUID(row["id"]) for row in people.assignable(actor).to_dict("records")}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input("Search", key="text", bind="query-params", placeholder="What, or which incident")
        states = st.multiselect(
            "State", list(words.ITEM), format_func=words.ITEM.__getitem__, key="state", bind="query-params",
            placeholder="All",
        )  # fmt: skip
        owners = st.multiselect("Owner", list(known), key="owner", bind="query-params", placeholder="All")
        overdue = st.toggle("Overdue", key="overdue", bind="query-params")
    owner_ids = tuple(known[one] for one in owners)
    return Filters(text=text or "", statuses=tuple(states), owner_ids=owner_ids, is_overdue=overdue)


def _post_mortems(actor: Actor) -> None:
    states = st.multiselect(
        "State", list(words.STATUS), format_func=words.STATUS.__getitem__, key="status", bind="query-params",
        placeholder="All",
    )  # fmt: skip
    way = paging.trail("post_mortems", tuple(states))
    page = queries.directory(actor, statuses=tuple(states), after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        st.info("No resolved incident is here. Clear the filter, or wait for one.", icon=":material/inbox:")
        return
    frame = page.frame
    shown = frame.assign(
        link="/incident?tab=review&id=" + frame["incident_id"].astype(str), severity=frame["severity"].str.upper(),
        status=frame["status"].map(words.STATUS), resolved_at=frame["resolved_at"].dt.tz_convert(zone(actor)),
        actions=[
            f"{row['items_open']} of {row['items']} open" if row["items"] else "None" for row in frame.to_dict("records")
        ],
        owner=frame["owner"].fillna("Nobody"),
    )  # fmt: skip
    st.dataframe(
        shown, hide_index=True, key="post_mortem_rows", placeholder=UNKNOWN, height="content" if len(shown) < 14 else 520,
        column_order=["link", "reference", "title", "severity", "resolved_at", "status", "owner", "actions"],
        column_config={
            "link": st.column_config.LinkColumn("", display_text=":material/open_in_new:", width=40),
            "reference": st.column_config.TextColumn("Incident", width=100),
            "title": st.column_config.TextColumn("Title", width="large"), "severity": "Severity",
            "resolved_at": st.column_config.DatetimeColumn("Resolved", format="D MMM YYYY, HH:mm"),
            "status": "Post-mortem", "owner": "Owner", "actions": "Action items",
        },
    )  # fmt: skip
    paging.buttons("post_mortems", way, len(frame), page.next)

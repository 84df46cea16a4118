"""What is asked for: what waits for a decision, and what became of the others."""

from uuid import UUID

import pandas as pd
import streamlit as st

from core.customers.configuration import queries
from core.customers.configuration.queries import Filters
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.reads import as_id
from pages._parts import paging
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.customers._configuration import deciding, words

OUTCOMES = {"Waiting": "waiting", "Approved": "approved", "Rejected": "rejected", "Withdrawn": "withdrawn", "All": None}


def show(actor: Actor) -> None:
    """The list; a click opens one request."""
    opened = st.query_params.get("request")
    if opened:
        _opened(actor, opened)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        chosen = st.segmented_control(
            "Outcome", list(OUTCOMES), default="Waiting", key="request_outcome", bind="query-params",
            label_visibility="collapsed", required=True,
        )  # fmt: skip
        tenant_id = _of_tenant()
    filters = Filters(outcome=OUTCOMES[chosen], tenant_id=tenant_id)
    way = paging.trail("setting_requests", filters)
    page = queries.requests(actor, filters, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        said = "Nothing waits for a decision." if chosen == "Waiting" else "There is no such request."
        st.info(said, icon=":material/inbox:")
        return
    _grid(actor, page.frame)
    paging.buttons("setting_requests", way, len(page.frame), page.next)


def _of_tenant() -> UUID | None:
    """The tenant of the address, with a way to let go of it."""
    found = as_id(st.query_params.get("tenant", ""))
    if found is not None and st.button("All tenants", key="requests_all", icon=":material/close:", type="tertiary"):
        st.query_params.pop("tenant", None)
        st.rerun()
    return found


def _grid(actor: Actor, found: pd.DataFrame) -> None:
    here = str(zone(actor))
    rows = found.to_dict("records")
    shown = pd.DataFrame(
        {
            "tenant": found["tenant"], "setting": [words.title(row["key"]) for row in rows],
            "wish": [deciding.wish(row) for row in rows], "reason": found["reason"], "by": found["proposed_by_name"],
            "at": found["created_at"], "outcome": found["outcome"].str.capitalize(), "decided": found["decided_by_name"],
        }
    )  # fmt: skip
    event = st.dataframe(
        shown, hide_index=True, key=table_key("setting_requests"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(found) < 14 else 620,
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width=200), "setting": "Setting", "wish": "Asked for",
            "reason": st.column_config.TextColumn("Why", width="large"), "by": "By",
            "at": st.column_config.DatetimeColumn("Asked", format="distance", timezone=here),
            "outcome": st.column_config.TextColumn("Outcome", width=90), "decided": "Decided by",
        },
    )  # fmt: skip
    if event.selection.rows:
        open_row("setting_requests", "request", found["id"].iloc[event.selection.rows[0]])


def _opened(actor: Actor, key: str) -> None:
    if st.button("All requests", key="back_to_requests", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["request"]
        st.rerun()
    try:
        deciding.show(actor, queries.request(actor, UUID(key)))
    except (ValueError, NotFound):
        st.warning("This request does not exist, or is not among those you may see.", icon=":material/search_off:")

"""The overrides of all tenants: who has a value of its own, until when and why."""

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from core.customers.configuration import queries
from core.customers.configuration.queries import Filters
from core.kernel.actor import Actor
from pages._parts import exporting, paging
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.customers._configuration import words


def show(actor: Actor) -> None:
    """The list; a click opens the setting of that tenant."""
    titles = queries.titles()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        key = st.selectbox(
            "Setting", list(titles), index=None, key="override_key", bind="query-params", placeholder="Any",
            format_func=lambda one: f"{titles[one]} · {one}", width=420,
        )  # fmt: skip
        filters = Filters(key=key)
        exporting.button(
            actor, "configuration overrides", lambda who: _exported(who, filters), filters={"setting": key}
        )
    way = paging.trail("overrides", filters)
    page = queries.overrides(actor, filters, after=paging.after(way), limit=paging.SIZE)
    if page.frame.empty:
        st.info("No tenant has an override of its own here.", icon=":material/inbox:")
        return
    _grid(actor, page.frame)
    paging.buttons("overrides", way, len(page.frame), page.next)


def _exported(actor: Actor, filters: Filters) -> Iterator[pd.DataFrame]:
    for chunk in queries.chunks(actor, filters):
        yield told(chunk).assign(key=chunk["key"], tenant_id=chunk["tenant_id"])


def told(found: pd.DataFrame) -> pd.DataFrame:
    """As text: tenant, setting, value, until, by, approved by, reason, since."""
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            "tenant": found["tenant"], "setting": [words.title(row["key"]) for row in rows],
            "value": [words.of_key(row["key"], row["value"], has_secret=row["has_secret"]) for row in rows],
            "until": found["expires_at"], "set_by": found["set_by_name"], "approved_by": found["approved_by_name"],
            "reason": found["reason"], "changed": found["updated_at"],
        }
    )  # fmt: skip


def _grid(actor: Actor, found: pd.DataFrame) -> None:
    here = str(zone(actor))
    event = st.dataframe(
        told(found), hide_index=True, key=table_key("tenant_overrides"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(found) < 14 else 620,
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width=200), "setting": "Setting", "value": "Value",
            "until": st.column_config.DatetimeColumn("Until", format="YYYY-MM-DD HH:mm", timezone=here, width=140),
            "set_by": "Set by", "approved_by": "Approved by",
            "reason": st.column_config.TextColumn("Why", width="medium"),
            "changed": st.column_config.DatetimeColumn("Changed", format="distance", timezone=here),
        },
    )  # fmt: skip
    if event.selection.rows:
        row = found.iloc[event.selection.rows[0]]
        query = {"view": "Inspect", "tenant": row["tenant_id"], "setting": row["key"]}
        st.session_state["tenant_overrides_opened"] = st.session_state.get("tenant_overrides_opened", 0) + 1
        st.switch_page("customers/configuration.py", query_params=query)

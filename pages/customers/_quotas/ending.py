"""Overrides that end soon, and what then counts."""

from typing import Any

import pandas as pd
import streamlit as st

from core.customers.quotas import queries
from core.kernel.actor import Actor
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.customers._quotas import words


def show(actor: Actor) -> None:
    """A click opens the quota of that tenant."""
    found = queries.ending(actor)
    days = queries.SOON.days
    if found.empty:
        st.info(f"No override ends within {days} days.", icon=":material/check_circle:")
        return
    st.caption(f"Overrides that end within {days} days. What is used beyond the plan's limit is then over.")
    event = st.dataframe(
        _told(found), hide_index=True, key=table_key("ending"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN,
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width=220), "quota": "Quota",
            "at": st.column_config.DatetimeColumn("Ends", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))),
            "now": "Limit now", "then": "Limit then", "used": "Used", "over": st.column_config.CheckboxColumn("Then over"),
            "reason": st.column_config.TextColumn("Why", width="medium"), "by": "Set by",
        },
    )  # fmt: skip
    if event.selection.rows:
        row = found.iloc[event.selection.rows[0]]
        st.session_state["ending_opened"] = st.session_state.get("ending_opened", 0) + 1
        query = {"tenant": row["tenant_id"], "tab": "quotas", "quota": words.label(row["resource"])}
        st.switch_page("customers/tenants.py", query_params=query)


def _told(found: pd.DataFrame) -> pd.DataFrame:
    rows = words.rows(found)
    return pd.DataFrame(
        {
            "tenant": found["tenant"], "quota": [words.label(row["resource"]) for row in rows], "at": found["expires_at"],
            "now": [words.limit(row["resource"], row["override_limit"]) for row in rows],
            "then": [words.limit(row["resource"], row["plan_limit"]) for row in rows],
            "used": [words.used(row["resource"], row["used"]) for row in rows],
            "over": [_is_over(row) for row in rows], "reason": found["reason"], "by": found["set_by_name"],
        }
    )  # fmt: skip


def _is_over(row: dict[str, Any]) -> bool:
    both = words.is_known(row["used"]) and words.is_known(row["plan_limit"])
    return both and row["used"] > row["plan_limit"]

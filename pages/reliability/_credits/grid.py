"""Credits as a table, of which some are chosen."""

from typing import Any

import pandas as pd
import streamlit as st

from pages._parts.moments import UNKNOWN
from pages.customers._plans.words import money
from pages.reliability._credits import words

_TURN = "credits_turn"


def forget() -> None:
    """Ends the choice: rows have moved since."""
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def show(frame: pd.DataFrame) -> pd.DataFrame:
    """Draws the page of credits that was read; the chosen ones."""
    event: Any = st.dataframe(
        _told(frame), hide_index=True, key=f"credits_{st.session_state.get(_TURN, 0)}", on_select="rerun",
        selection_mode="multi-row", placeholder=UNKNOWN, height="content" if len(frame) <= 15 else 560,
        column_config={
            "credit": st.column_config.TextColumn("Credit", width=110),
            "tenant": st.column_config.TextColumn("Tenant", width=190),
            "month": st.column_config.TextColumn("Month", width=120),
            "status": st.column_config.TextColumn("Status", width=95),
            "amount": st.column_config.TextColumn("Amount", width=120, alignment="right"),
            "uptime": st.column_config.TextColumn("Uptime", width=105, alignment="right", help="Of the month, rounded down."),
            "percent": st.column_config.TextColumn("Tier", width=70, alignment="right", help="Of the month's fee."),
            "fee": st.column_config.TextColumn("Fee", width=115, alignment="right"),
            "computed": st.column_config.TextColumn("Computed by", width=110),
            "approved": st.column_config.TextColumn("Approved by", width=120),
        },
    )  # fmt: skip
    return frame.iloc[[row for row in event.selection.rows if row < len(frame)]]


def _told(frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame.to_dict("records")
    return pd.DataFrame(
        {
            "credit": [words.name(row) for row in rows], "tenant": frame["tenant"].to_numpy(),
            "month": [words.month(row["month"]) for row in rows], "status": [words.status(row["status"]) for row in rows],
            "amount": [money(row["amount"], row["currency"]) for row in rows],
            "uptime": [words.uptime(row["uptime"]) for row in rows],
            "percent": [words.percent(row["percent"]) for row in rows],
            "fee": [money(row["fee"], row["currency"]) for row in rows],
            "computed": [row["computed_by_name"] if not pd.isna(row["computed_by"]) else "The clock" for row in rows],
            "approved": frame["approved_by_name"].to_numpy(),
        }
    )  # fmt: skip

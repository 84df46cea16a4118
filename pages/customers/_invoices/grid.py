"""Invoices as a table; a click opens one."""

import pandas as pd
import streamlit as st

from pages._parts.moments import UNKNOWN
from pages._parts.opening import open_row, table_key
from pages.customers._plans import words

STATUSES = ("draft", "open", "paid", "void", "uncollectible")
SHOWN = ["number", "tenant", "state", "issued_on", "due_on", "paid_at", "amount", "period", "external_id"]


def told(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with what is shown in place of what is stored."""
    rows = frame.to_dict("records")
    return frame.assign(
        state=pd.Series(
            ["Overdue" if row["is_overdue"] else row["status"].capitalize() for row in rows], index=frame.index
        ),
        amount=pd.Series(
            [words.money(row["total"], row["currency"]) for row in rows], index=frame.index, dtype="object"
        ),
        period=pd.Series(
            [words.period(row["period_start"], row["period_end"]) for row in rows], index=frame.index, dtype="object"
        ),
    )


def show(frame: pd.DataFrame, viewer: str, *, key: str = "invoices", with_tenant: bool = True) -> str | None:
    """Draws the table; the id of the invoice that was clicked in this run."""
    shown = [name for name in SHOWN if with_tenant or name != "tenant"]
    event = st.dataframe(
        told(frame)[shown], hide_index=True, key=table_key(key), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(frame) <= 15 else 560,
        column_config={
            "number": st.column_config.TextColumn("Number", width=110),
            "tenant": st.column_config.TextColumn("Tenant", width=200),
            "state": st.column_config.TextColumn("Status", width=100),
            "issued_on": st.column_config.DateColumn("Issued", format="YYYY-MM-DD", width=95),
            "due_on": st.column_config.DateColumn("Due", format="YYYY-MM-DD", width=95),
            "paid_at": st.column_config.DatetimeColumn("Paid", format="YYYY-MM-DD", timezone=viewer, width=95),
            "amount": st.column_config.TextColumn("Total", width=120, alignment="right"),
            "period": st.column_config.TextColumn("Period", width=190),
            "external_id": st.column_config.TextColumn("External id", width=130),
        },
    )  # fmt: skip
    return str(frame["id"].iloc[event.selection.rows[0]]) if event.selection.rows else None


def open_one(invoice_id: str) -> None:
    """Puts the invoice into the address and runs the page again."""
    open_row("invoices", "invoice", invoice_id)

"""Contracts as a table; a click opens one."""

from typing import Any

import pandas as pd
import streamlit as st

from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.customers._contracts import words
from pages.customers._plans.words import money


def show(frame: pd.DataFrame, *, key: str = "contracts", with_tenant: bool = True) -> str | None:
    """Draws the table; the id of the contract that was clicked in this run."""
    shown = told(frame)
    event = st.dataframe(
        shown if with_tenant else shown.drop(columns="tenant"), hide_index=True, key=table_key(key), on_select="rerun",
        selection_mode="single-row", placeholder=UNKNOWN, height="content" if len(frame) <= 15 else 560,
        column_config={
            "number": st.column_config.TextColumn("Number", width=85),
            "tenant": st.column_config.TextColumn("Customer", width=190),
            "state": st.column_config.TextColumn("Status", width=95),
            "value": st.column_config.TextColumn("Annual value", width=130, alignment="right"),
            "starts_on": st.column_config.DateColumn("Start", format="YYYY-MM-DD", width=95),
            "term": st.column_config.TextColumn("Term", width=90),
            "renewal_on": st.column_config.DateColumn("Renewal", format="YYYY-MM-DD", width=95),
            "left": st.column_config.TextColumn("", width=75), "notice": st.column_config.TextColumn("Notice", width=75),
            "uptime": st.column_config.TextColumn("Uptime", width=85), "latency": st.column_config.TextColumn("P99", width=85),
            "error_rate": st.column_config.TextColumn("Error rate", width=90),
            "response": st.column_config.TextColumn("Response", width=85), "rpo": st.column_config.TextColumn("RPO", width=75),
            "rto": st.column_config.TextColumn("RTO", width=75), "level": "Support", "payment": "Payment", "cycle": "Invoiced",
            "csm": "CSM", "account_executive": "Account executive",
            "version": st.column_config.TextColumn("Version", width=75), "documents": st.column_config.NumberColumn("Documents"),
        },
    )  # fmt: skip
    return str(frame["id"].iloc[event.selection.rows[0]]) if event.selection.rows else None


def told(frame: pd.DataFrame) -> pd.DataFrame:
    """As people read it."""
    rows = frame.to_dict("records")
    columns = {
        "number": [words.number(row) for row in rows], "tenant": frame["tenant"].tolist(),
        "state": [words.LABELS[row["status"]] for row in rows],
        "value": [money(row["annual_value"], row["currency"]) for row in rows],
        "renewal_on": frame["renewal_on"].tolist(), "left": [words.left(row["days_left"]) for row in rows],
        "starts_on": frame["starts_on"].tolist(), "notice": [f"{int(row['notice_days'])} days" for row in rows],
        "term": [f"{int(row['term_months'])} months" for row in rows],
        "uptime": _terms(rows, "uptime_target"), "latency": _terms(rows, "latency_p99_ms"),
        "error_rate": _terms(rows, "error_rate_target"), "response": _terms(rows, "support_response_minutes"),
        "rpo": _terms(rows, "rpo_minutes"), "rto": _terms(rows, "rto_minutes"), "level": _terms(rows, "support_level"),
        "payment": _terms(rows, "payment_terms"), "cycle": _terms(rows, "billing_cycle"), "csm": frame["csm"].tolist(),
        "account_executive": [row["account_executive"] or None for row in rows],
        "version": [_version(row) for row in rows], "documents": frame["documents"].tolist(),
    }  # fmt: skip
    return pd.DataFrame(columns)


def _terms(rows: list[dict[Any, Any]], field: str) -> list[str | None]:
    return [None if words.is_none(row[field]) else words.term(field, row[field], "") for row in rows]


def _version(row: dict[Any, Any]) -> str:
    present, newest = row["version_number"], row["versions"]
    return f"{present}" if present == newest else f"{present} of {newest}"

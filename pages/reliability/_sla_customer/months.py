"""The contract month by month: what counts, what was credited, and each month's report."""

from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import customer, owed
from core.reliability.sla.owed import Credit
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.reliability._sla import words

REPORT = "reliability/sla_report.py"
MOST = 24


def show(actor: Actor, contract_id: UUID) -> None:
    """The latest month first; a click opens its report."""
    st.subheader("Months", anchor=False)
    found = customer.periods(actor, contract_id, "month", limit=MOST).iloc[::-1].reset_index(drop=True)
    if found.empty:
        st.info("No month was measured yet.", icon=":material/calendar_month:")
        return
    found_credits = owed.by_month(actor, contract_id) if actor.may("sla_credits:read") else None
    months = [_month(bucket) for bucket in found["bucket"]]
    told = _told(found, months)
    if found_credits is not None:
        told["credit"] = [_credited(found_credits.get(month, [])) for month in months]
    event = st.dataframe(
        told, hide_index=True, key=table_key("sla_months"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content", column_config=_config(),
    )  # fmt: skip
    chosen = [row for row in event.selection.rows if row < len(found)]
    if chosen:
        st.session_state["sla_months_opened"] = st.session_state.get("sla_months_opened", 0) + 1
        month = months[chosen[0]]
        st.switch_page(REPORT, query_params={"contract": str(contract_id), "month": f"{month:%Y-%m}"})
    st.caption("Choose a month to open its report.")


def _month(bucket: pd.Timestamp) -> date:
    """The month that begins then in the contract's zone, which is at most 14 hours from UTC."""
    return (bucket + pd.Timedelta(hours=15)).date().replace(day=1)


def _told(found: pd.DataFrame, months: list[date]) -> pd.DataFrame:
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            "month": [f"{month:%B %Y}" for month in months], "uptime": [words.uptime(row["uptime"]) for row in rows],
            "target": [words.target(row["uptime_target"]) for row in rows],
            "bad": [words.minutes(row["bad_minutes"]) if row["observed_minutes"] else UNKNOWN for row in rows],
            "observed": [words.minutes(row["observed_minutes"]) for row in rows],
            "left_out": [words.minutes(row["maintenance_minutes"] + row["excluded_minutes"]) for row in rows],
            "unobserved": [words.minutes(row["unobserved_minutes"]) for row in rows],
            "latency": [words.latency_against(row) for row in rows],
            "errors": [words.errors_against(row) for row in rows],
        }
    )  # fmt: skip


def _credited(given: list[Credit]) -> str:
    """The sum with what became of it."""
    if not given:
        return "None"
    amount, statuses = sum(one.amount for one in given), {one.status for one in given}
    status = "issued" if statuses == {"issued"} else "approved" if statuses <= {"issued", "approved"} else "draft"
    return f"{amount:,.2f} {given[0].currency}, {status}"


def _config() -> dict[str, Any]:
    column = st.column_config
    return {
        "month": column.TextColumn("Month", width=120), "uptime": column.TextColumn("Uptime", width=85),
        "target": column.TextColumn("Target", width=72), "bad": column.TextColumn("Down", width=90),
        "observed": column.TextColumn("Observed", width=85),
        "left_out": column.TextColumn("Left out", width=82, help="Maintenance by the contract's terms, and approved exclusions."),
        "unobserved": column.TextColumn("Not observed", width=92), "latency": column.TextColumn("P99", width=120),
        "errors": column.TextColumn("Error rate", width=105), "credit": column.TextColumn("Credit", width=150),
    }  # fmt: skip

"""The table of customers: what was promised against what was measured; a click opens the customer."""

from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import courses
from core.reliability.sla.courses import Course
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.reliability._sla import words

CUSTOMER = "reliability/sla_customer.py"


def show(actor: Actor, found: pd.DataFrame) -> None:
    """One row per contract."""
    days = courses.courses(actor, [UUID(one) for one in found["contract_id"]])
    event = st.dataframe(
        _told(found, days), hide_index=True, key=table_key("sla"), on_select="rerun", selection_mode="single-row",
        placeholder=UNKNOWN, height="content" if len(found) < 16 else 590, column_config=_config(),
    )  # fmt: skip
    chosen = [row for row in event.selection.rows if row < len(found)]
    if chosen:
        st.session_state["sla_opened"] = st.session_state.get("sla_opened", 0) + 1
        st.switch_page(CUSTOMER, query_params={"contract": str(found["contract_id"].iloc[chosen[0]])})


def _told(found: pd.DataFrame, days: dict[UUID, Course]) -> pd.DataFrame:
    rows = found.to_dict("records")
    known = [days[UUID(row["contract_id"])] for row in rows]
    return pd.DataFrame(
        {
            "tenant": [words.name(row) for row in rows], "state": [[words.STATES[row["state"]][0]] for row in rows],
            "target": [words.target(row["uptime_target"]) for row in rows],
            "uptime": [words.uptime(row["uptime"]) for row in rows],
            "change": [words.points(row["uptime"], one.before) for row, one in zip(rows, known, strict=True)],
            # A table's small chart cannot draw a gap, so days without an observation are left out of it.
            "course": [[day for day in one.days if day is not None] for one in known],
            "month": [words.uptime(row["month_uptime"]) for row in rows],
            "violations": [_violations(row) for row in rows],
            "latency": [words.latency_against(row) for row in rows],
            "errors": [words.errors_against(row) for row in rows],
            "observed": [_share(row["observed_ratio"]) for row in rows],
        }
    )  # fmt: skip


def _violations(row: dict[Any, Any]) -> str:
    open_count = int(row["open_violations"])
    return f"{int(row['violations']):,}" + (f" · {open_count} now" if open_count else "")


def _share(ratio: Any) -> float | None:
    return float(ratio) * 100 if words.is_known(ratio) else None


def _config() -> dict[str, Any]:
    column = st.column_config
    titles, colours = words.titles(words.STATES)
    return {
        "tenant": column.TextColumn("Customer", width=155),
        "state": column.MultiselectColumn(
            "This month", options=titles, color=colours, width=105,
            help="Missed: even without another bad minute the month ends below the target. Below so far: it can still be met.",
        ),
        "target": column.TextColumn("Target", width=72, help="Uptime that the contract promises."),
        "uptime": column.TextColumn("30 days", width=76, help="Of the observed minutes; maintenance and exclusions left out."),
        "change": column.TextColumn("Trend", width=58, help="Points of 30 days against the 30 days before."),
        "course": column.LineChartColumn("By day", width=85, help="Uptime of each day; days that nobody observed are left out."),
        "month": column.TextColumn("Month", width=76, help="Of the calendar month so far, which is what the contract counts."),
        "violations": column.TextColumn("Violations", width=72, help="Of the last 30 days, and those that last now."),
        "latency": column.TextColumn("P99, month", width=110), "errors": column.TextColumn("Errors, 30 d", width=100),
        "observed": column.ProgressColumn("Observed", min_value=0, max_value=100, format="%.0f %%", width=72),
    }  # fmt: skip

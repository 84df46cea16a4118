"""What the contract promises against what was measured, in this month and in 30 days."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import courses
from pages.reliability._sla import words


def show(actor: Actor, row: dict[str, Any]) -> None:
    """What was not measured is unknown, what was not promised says so."""
    key = UUID(str(row["contract_id"]))
    before = courses.courses(actor, [key])[key].before
    with st.grid(5, gap="small", min_column_width=160):
        _card("Uptime, this month", words.uptime(row["month_uptime"]), f"Target {words.target(row['uptime_target'])}.")
        change = words.points(row["uptime"], before)
        _card("Uptime, 30 days", words.uptime(row["uptime"]), f"Points against the 30 days before: {change}.")
        latency = words.latency(row["latency_p99_target"])
        _card("P99, this month", words.latency(row["latency_p99_ms"]), f"Target {latency}.")
        told = f"Target {words.target(row['error_rate_target'])}, of {int(row['requests']):,} requests."
        _card("Error rate, 30 days", words.percent(row["error_rate"]), told)
        _card("Late answers", _late(row), "Urgent tickets whose first response was due in this month.")


def _card(title: str, value: str, told: str) -> None:
    st.metric(title, value, border=True, height="stretch", help=told)


def _late(row: dict[str, Any]) -> str:
    due = int(row["responses"] or 0)
    return f"{int(row['responses_late'] or 0):,} of {due:,}" if due else "None were due"

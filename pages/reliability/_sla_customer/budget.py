"""The error budget of the month: consumed, remaining, how fast it burns, and when it will be used up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.reliability.sla import budget
from pages._parts import charts
from pages._parts.charts import Axes
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN, clock
from pages.reliability._sla import words

RATES = {"burn_rate_1h": "1 h", "burn_rate_6h": "6 h", "burn_rate_1d": "1 day", "burn_rate_3d": "3 days"}


def show(actor: Actor, row: dict[str, Any]) -> None:
    """Cards and the course of what remains; nothing without a target."""
    st.subheader("Error budget of this month", anchor=False)
    key = UUID(str(row["contract_id"]))
    found = budget.budgets(actor, contract_ids=[key])
    if found.empty:
        st.info("The contract promises no uptime in this month, so there is no budget.", icon=":material/money_off:")
        return
    _cards(actor, {str(name): value for name, value in found.iloc[0].to_dict().items()})
    course = budget.course(actor, key)
    if len(course) > 1:
        axes = Axes("Budget that remains", "min", zone(actor), height=200)
        at = course.assign(day=pd.to_datetime(course["day"], utc=True))
        charts.show(charts.line(at, "day", {"remaining_minutes": "Remaining"}, axes), "budget_course")


def _cards(actor: Actor, one: dict[str, Any]) -> None:
    with st.grid(4, gap="small", min_column_width=160):
        allowed = f"{float(one['budget_minutes']):,.1f} minutes that the target allows"
        told = f"{words.minutes(one['bad_minutes'])} down of the {allowed}."
        _card("Consumed", consumed(one), told)
        _card("Remaining", remaining(one), "Minutes that may still be bad in this month.")
        rates = ", ".join(f"{label}: {rate(one[name])}" for name, label in RATES.items())
        _card("Burn rate, 1 day", rate(one["burn_rate_1d"]), f"1 means: used up exactly at the month's end. {rates}.")
        _card("Used up", exhausted(actor, one, utc_now()), "If it goes on as in the last day.")


def _card(title: str, value: str, told: str) -> None:
    st.metric(title, value, border=True, height="stretch", help=told)


def consumed(one: Mapping[Any, Any]) -> str:
    return f"{float(one['consumed_ratio']) * 100:,.0f} %" if words.is_known(one["consumed_ratio"]) else UNKNOWN


def remaining(one: Mapping[Any, Any]) -> str:
    """What is overdrawn is said as such."""
    left = one["remaining_minutes"]
    if not words.is_known(left):
        return UNKNOWN
    return f"{float(left):,.1f} min" if left >= 0 else f"{-float(left):,.1f} min over"


def rate(value: Any) -> str:
    return f"{float(value):,.1f}" if words.is_known(value) else UNKNOWN


def exhausted(actor: Actor, one: Mapping[Any, Any], now: datetime) -> str:
    """When; a budget that is used up says so."""
    if words.is_known(one["remaining_minutes"]) and one["remaining_minutes"] <= 0:
        return "Already"
    at = one["exhausted_at"]
    return clock(at, zone(actor), now=now) if words.is_known(at) else "Not in sight"

"""The plans beside each other: prices, limits with what happens at them, and settings."""

from typing import Any

import pandas as pd
import streamlit as st

from core.customers.plans import rules
from pages._parts.moments import UNKNOWN
from pages.customers._plans import words


def show(plans: pd.DataFrame) -> None:
    """One column per plan, one row per thing that they differ in."""
    rows = plans.to_dict("records")
    aspects = {**_prices(rows), **_limits(rows), **_settings(rows)}
    told = pd.DataFrame(aspects.values(), index=pd.Index(aspects, name="What"), columns=[row["name"] for row in rows])
    st.dataframe(
        told, key="plans_compare", height="content", column_config={"What": st.column_config.TextColumn(width=260)}
    )


def _prices(rows: list[dict[Any, Any]]) -> dict[str, list[str]]:
    named = {
        "Price a month": "price_monthly", "Price a year": "price_yearly", "Each seat more, a month": "seat_price_monthly",
        "Each seat more, a year": "seat_price_yearly",
    }  # fmt: skip
    told = {label: [words.money(row[field], row["currency"]) for row in rows] for label, field in named.items()}
    told["Seats included"] = [f"{row['seats']:,}" for row in rows]
    told["Days of trial"] = [f"{row['trial_days']:,}" for row in rows]
    told["Offered"] = ["Yes" if row["is_public"] else "No" for row in rows]
    return told


def _limits(rows: list[dict[Any, Any]]) -> dict[str, list[str]]:
    return {words.RESOURCES[resource]: [_limit(row, resource) for row in rows] for resource in rules.RESOURCES}


def _limit(row: dict[Any, Any], resource: str) -> str:
    if resource not in row["limits"]:
        return UNKNOWN
    told = words.limit(resource, row["limits"][resource], row["currency"])
    at_limit = words.policy(row["quota_policy"].get(resource))
    return told if told == "Unlimited" else f"{told} · {at_limit.lower()}"


def _settings(rows: list[dict[Any, Any]]) -> dict[str, list[str]]:
    keys = sorted({key for row in rows for key in row["settings"]})
    return {words.setting(key): [_value(row["settings"].get(key)) for row in rows] for key in keys}


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "On" if value else "Off"
    return UNKNOWN if value is None else f"{value:,}" if isinstance(value, int) else str(value)

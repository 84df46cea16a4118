"""The settings that only some kinds of rules have."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.health.alerts.burn_rate import PAGE, TICKET, as_settings, budget_spent
from core.health.alerts.defaults import OBJECTIVE
from core.health.anomaly.bands import SENSITIVITY

_DIRECTIONS = {"both": "Above or below", "above": "Above", "below": "Below"}
_SPEEDS = {
    "Page: 14.4 times over 1 h, or 6 times over 6 h": PAGE,
    "Ticket: 3 times over 1 d, or 1 time over 3 d": TICKET,
}


def fields(given: Mapping[str, Any], kind: str, key: str) -> dict[str, Any]:
    """The settings of the kind; none for most."""
    known = given["settings"] if given["kind"] == kind else {}
    asked = {"rate_of_change": _baseline, "anomaly": _anomaly, "burn_rate": _burn_rate}.get(kind)
    return asked(known, key) if asked else {}


def _baseline(known: Mapping[str, Any], key: str) -> dict[str, Any]:
    minutes = st.number_input(
        "Against the time so many minutes before", 1.0, 10_080.0, known.get("baseline_s", 3_600) / 60, key=f"{key}_baseline",
        format="%g", help="1,440 is a day, 10,080 a week.",
    )  # fmt: skip
    return {"baseline_s": round(minutes * 60)}


def _anomaly(known: Mapping[str, Any], key: str) -> dict[str, Any]:
    left, right = st.columns(2)
    sensitivity = left.number_input(
        "Width of the expected band", 0.5, 20.0, float(known.get("sensitivity", SENSITIVITY)), 0.5, key=f"{key}_width",
        help="In robust standard deviations of what is usual at the hour and weekday; wider means fewer alerts.",
    )  # fmt: skip
    options = list(_DIRECTIONS)
    direction = right.selectbox(
        "Fires", options, options.index(known.get("direction", "both")), key=f"{key}_direction",
        format_func=_DIRECTIONS.__getitem__,
    )  # fmt: skip
    return {"sensitivity": sensitivity, "direction": direction}


def _burn_rate(known: Mapping[str, Any], key: str) -> dict[str, Any]:
    percent = st.number_input(
        "Objective (%)", 50.0, 99.999, round(known.get("objective", OBJECTIVE) * 100, 6), 0.1, key=f"{key}_objective",
        format="%g", help="The share of requests that must succeed in 30 days; the rest is the error budget.",
    )  # fmt: skip
    objective = round(percent / 100, 8)
    mine = known.get("windows")
    speeds = {name: as_settings(pairs, objective)["windows"] for name, pairs in _SPEEDS.items()}
    if mine and mine not in speeds.values():
        speeds["As it is"] = mine
    chosen = next((place for place, windows in enumerate(speeds.values()) if windows == mine), 0)
    name = st.radio("Fires when the budget burns", list(speeds), chosen, key=f"{key}_speed")
    _explained(speeds[name])
    return {"objective": objective, "windows": speeds[name]}


def _explained(windows: list[dict[str, Any]]) -> None:
    rows = [
        {"Long window": f"{one['long_s'] / 3600:g} h", "Short window": f"{one['short_s'] / 60:g} min", "Times": one["rate"],
         "Budget spent by then": budget_spent(one["rate"], one["long_s"])}
        for one in windows
    ]  # fmt: skip
    percent = {"Budget spent by then": st.column_config.NumberColumn(format="percent")}
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="content", column_config=percent)

"""Guardrails: bounds on the portal's own figures, with what they read now."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import queries
from core.platform.flags.guardrails import METRICS
from pages._parts.moments import UNKNOWN
from pages.platform._flags import draft
from pages.platform._flags.draft import Draft

# What the bound begins with: 5 %, one second, ten.
STARTS = {"ratio": 0.05, "ms": 1_000.0, "count": 10.0}
DIRECTIONS = {"above": "rises above", "below": "falls below"}


def edit(actor: Actor, edited: Draft) -> None:
    """Bounds on the portal's own figures; the flag pauses by itself when one is crossed."""
    rows = edited.values["guardrails"]
    readings = queries.guardrail_readings(actor).set_index("metric")
    for one in rows:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            _guardrail(edited, one)
            st.button(
                "", key=edited.key(one["uid"], "remove"), icon=":material/close:", type="tertiary",
                help="Remove this guardrail", on_click=rows.remove, args=(one,),
            )  # fmt: skip
        st.caption(reading(readings, one["metric"]))
    st.button(
        "Add guardrail", key=edited.key("add_guardrail"), icon=":material/add:", type="tertiary",
        on_click=_add_guardrail, args=(rows,),
    )  # fmt: skip


def _add_guardrail(rows: list[dict[str, Any]]) -> None:
    first = next(iter(METRICS))
    rows.append(draft.row(metric=first, bound=STARTS[METRICS[first].unit], direction="above", minimum=100))


def _guardrail(edited: Draft, one: dict[str, Any]) -> None:
    metrics = list(METRICS)
    before = METRICS[one["metric"]].unit
    one["metric"] = st.selectbox(
        "Pause when", metrics, metrics.index(one["metric"]), format_func=lambda name: METRICS[name].title,
        key=edited.key(one["uid"], "metric"), width=260,
    )  # fmt: skip
    one["direction"] = st.selectbox(
        "Direction", list(DIRECTIONS), list(DIRECTIONS).index(one["direction"]), format_func=DIRECTIONS.__getitem__,
        key=edited.key(one["uid"], "direction"), label_visibility="collapsed", width=130,
    )  # fmt: skip
    unit = METRICS[one["metric"]].unit
    if unit != before:
        one["bound"] = STARTS[unit]
    scale = 100 if unit == "ratio" else 1
    told = {"ratio": "Bound (%)", "ms": "Bound (ms)", "count": "Bound (number)"}[unit]
    shown = round(one["bound"] * scale, 6)
    bound = st.number_input(told, value=float(shown), format="%g", key=edited.key(one["uid"], "bound", unit), width=130)
    if bound != shown:
        one["bound"] = round(bound / scale, 8)
    one["minimum"] = int(
        st.number_input(
            "From so many measured",
            0,
            value=int(one["minimum"]),
            key=edited.key(one["uid"], "minimum"),
            width=150,
            help="With fewer measured, the guardrail does not fire.",
        )
    )


def reading(readings: pd.DataFrame, metric: str) -> str:
    """What the metric says now; unknown stays unknown."""
    row = readings.to_dict("index").get(metric)
    if row is None or pd.isna(row["value"]):
        return f"Now: {UNKNOWN} (nothing was measured)"
    return f"Now: {METRICS[metric].shown(float(row['value']))}, measured {int(row['volume']):,} times"

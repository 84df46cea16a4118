"""Violations as rows: a click opens one. The customer's page shows its own in the same form."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import queries as incidents
from pages._parts.frame import zone
from pages._parts.moments import UNKNOWN
from pages._parts.opening import table_key
from pages.reliability._sla import words

PAGE = "reliability/violations.py"


def show(actor: Actor, found: pd.DataFrame, *, name: str, without: tuple[str, ...] = ()) -> None:
    """Draws the rows; a click leads to the violation."""
    told = _told(actor, found).drop(columns=list(without))
    event = st.dataframe(
        told, hide_index=True, key=table_key(name), on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN,
        height="content" if len(found) < 16 else 590, column_config=_config(str(zone(actor))),
    )  # fmt: skip
    chosen = [row for row in event.selection.rows if row < len(found)]
    if chosen:
        st.session_state[f"{name}_opened"] = st.session_state.get(f"{name}_opened", 0) + 1
        st.switch_page(PAGE, query_params={"violation": str(found["id"].iloc[chosen[0]])})


def _told(actor: Actor, found: pd.DataFrame) -> pd.DataFrame:
    rows = found.to_dict("records")
    linked = _linked(actor, found)
    return pd.DataFrame(
        {
            "started_at": found["started_at"], "tenant": [words.name(row) for row in rows],
            "metric": [words.METRICS[row["metric"]] for row in rows],
            "impact": [[words.IMPACTS[row["impact"]][0]] for row in rows],
            "actual": [words.figure(row["metric"], row["actual"]) for row in rows],
            "target": [words.figure(row["metric"], row["target"]) for row in rows],
            "minutes": [_length(row) for row in rows],
            "standing": [[words.STANDINGS[row["standing"]][0]] for row in rows],
            "incident": [linked.get(row["id"]) for row in rows],
        }
    )  # fmt: skip


def _length(row: dict[Any, Any]) -> str:
    length = words.minutes(row["minutes"])
    return f"{length}, lasts" if pd.isna(row["ended_at"]) else length


def _linked(actor: Actor, found: pd.DataFrame) -> dict[str, str]:
    """The latest incident of each, for who may see incidents."""
    if not actor.may("incidents:read") or found.empty:
        return {}
    rows = incidents.linked_to(actor, "violation", list(found["id"])).to_dict("records")
    return {str(row["target"]): str(row["reference"]) for row in reversed(rows)}


def _config(here: str) -> dict[str, Any]:
    column = st.column_config
    impacts, impact_colours = words.titles(words.IMPACTS)
    standings, standing_colours = words.titles(words.STANDINGS)
    return {
        "started_at": column.DatetimeColumn("Begun", format="YYYY-MM-DD HH:mm", timezone=here, width=130),
        "tenant": column.TextColumn("Customer", width=160), "metric": column.TextColumn("Metric", width=115),
        "impact": column.MultiselectColumn("Impact", options=impacts, color=impact_colours, width=85),
        "actual": column.TextColumn("Worst", width=85, help="Uptime: what the month can still reach."),
        "target": column.TextColumn("Target", width=80), "minutes": column.TextColumn("Duration", width=100),
        "standing": column.MultiselectColumn("Standing", options=standings, color=standing_colours, width=135),
        "incident": column.TextColumn("Incident", width=95),
    }  # fmt: skip

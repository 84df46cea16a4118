"""What narrows the list of violations, by the address."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.data.exports.streaming import frames
from core.kernel.actor import Actor
from core.kernel.reads import as_id
from core.kernel.times import utc_now
from core.reliability.sla import violations
from core.reliability.sla.violations import Filters
from pages._parts import exporting
from pages._parts.frame import zone
from pages.reliability._sla import words

STATES: dict[str, Literal["open", "ended"]] = {"Lasts": "open", "Over": "ended"}
SPANS = {"7 days": 7, "30 days": 30, "90 days": 90, "Always": None}


def ask(actor: Actor) -> Filters:
    """Two lines of widgets, and the export of what they find."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "Search", key="text", bind="query-params", placeholder="Customer: name, domain or id", icon=":material/search:",
            width=260,
        )  # fmt: skip
        metrics = _several("Metric", words.METRICS, "metric")
        impacts = _several("Impact", {key: title for key, (title, _) in words.IMPACTS.items()}, "impact")
        standings = _several("Standing", {key: title for key, (title, _) in words.STANDINGS.items()}, "standing")
        state = st.segmented_control("State", list(STATES), key="state", bind="query-params")
        span = st.segmented_control(
            "Begun", list(SPANS), default="30 days", key="begun", bind="query-params", required=True
        )
        filters = Filters(
            text, metrics, impacts, (STATES[state],) if state else (), standings,
            contract_id=as_id(st.query_params.get("contract", "")), since=_since(actor, SPANS[span]),
        )  # fmt: skip
        _export(actor, filters)
    return filters


def _several(label: str, titles: dict[str, str], key: str) -> tuple[Any, ...]:
    by_title = {title: one for one, title in titles.items()}
    chosen = st.multiselect(label, list(by_title), key=key, bind="query-params", placeholder="Any", width=180)
    return tuple(by_title[one] for one in chosen)


def _since(actor: Actor, days: int | None) -> Any:
    """Midnight of the viewer, so many days ago; it stays the same over the day, so that the pages of the list do."""
    if days is None:
        return None
    midnight = utc_now().astimezone(zone(actor)).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=days)


def _export(actor: Actor, filters: Filters) -> None:
    def make(present: Actor) -> Iterator[pd.DataFrame]:
        return frames(present, violations.statement(filters))

    said = {name: str(value) for name, value in asdict(filters).items() if value}
    exporting.button(actor, "sla violations", make, filters=said, key="violations_export")

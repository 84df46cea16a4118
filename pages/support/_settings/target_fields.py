"""Targets as they are typed: working hours by priority and target."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.support.sla.rules import LONGEST
from pages.support import _words as words
from pages.support._ticket.clock import TARGETS as TARGET_TITLES

HOUR = 3600


def fields(known: Mapping[str, Mapping[str, int]], prefix: str) -> dict[str, dict[str, int]]:
    """Working seconds by priority and target; 0 where there is none."""
    st.caption("Working hours; 0 for no target.")
    typed: dict[str, dict[str, int]] = {}
    for priority, title in words.PRIORITY.items():
        columns = st.columns(3)
        typed[priority] = {
            target: _field(columns[place], f"{title}: {TARGET_TITLES[target].lower()}", known.get(priority, {}).get(target, 0),
                           f"{prefix}_{priority}_{target}")
            for place, target in enumerate(TARGET_TITLES)
        }  # fmt: skip
    return typed


def _field(column: Any, label: str, seconds: int, key: str) -> int:
    hours: float = column.number_input(label, 0.0, LONGEST / HOUR, seconds / HOUR, 0.25, key=key)
    return round(hours * HOUR)

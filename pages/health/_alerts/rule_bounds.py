"""The bound of a rule and its lengths of time, in the units that people use."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.health.alerts.measures import Measure

COMPARISONS = ("above", "below")
_HAS_BOUND = ("threshold", "rate_of_change", "certificate")
_SCALES = {"ratio": 100.0}
_UNITS = {"ratio": "%", "ms": "ms", "per_min": "a minute", "days": "days", "count": "number", "value": "value"}


def scale_of(kind: str, measure: Measure) -> tuple[float, str]:
    """By what a figure is multiplied to be shown, and its unit then."""
    if kind == "rate_of_change":
        return 100.0, "%"
    return _SCALES.get(measure.unit, 1.0), _UNITS[measure.unit]


def bounds(given: Mapping[str, Any], kind: str, measure: Measure, key: str) -> dict[str, Any]:
    """When it fires and when it is over; nothing for kinds that have no bound of their own."""
    if kind not in _HAS_BOUND:
        return {}
    is_same = given["kind"] == kind and given["measure"] == measure.name
    scale, unit = scale_of(kind, measure)
    side, first, last = st.columns([1, 1, 1])
    typed: dict[str, Any] = {}
    if kind != "certificate":
        labels = {"above": "Rises by more than", "below": "Falls by more than"} if kind == "rate_of_change" else {}
        typed["comparison"] = side.selectbox(
            "Fires when it is", COMPARISONS, COMPARISONS.index(given["comparison"]), key=f"{key}_comparison",
            format_func=lambda one: labels.get(one, one.capitalize()),
        )  # fmt: skip
    typed["bound"] = _scaled(first, f"Bound ({unit})", given["bound"] if is_same else None, scale, f"{key}_bound")
    typed["clear_bound"] = _scaled(
        last, f"Over at ({unit})", given["clear_bound"] if is_same else None, scale, f"{key}_clear", held="At the bound"
    )
    return typed


def _scaled(place: Any, label: str, value: Any, scale: float, key: str, *, held: str | None = None) -> float | None:
    """The figure as typed, back in its own unit; without the noise that scaling makes in the last digits."""
    begin = None if value is None else round(float(value) * scale, 9)
    typed = place.number_input(label, value=begin, key=key, format="%g", placeholder=held or "A number")
    return None if typed is None else round(typed / scale, 12)


def lengths(given: Mapping[str, Any], kind: str, measure: Measure, key: str) -> dict[str, Any]:
    """For how long it must be so, and over which window it is judged."""
    typed: dict[str, Any] = {}
    first, second, third = st.columns(3)
    typed["for_s"] = _minutes(first, "Fires after (minutes)", given["for_s"], f"{key}_for", 0.0)
    typed["clear_after_s"] = _minutes(second, "Over after (minutes)", given["clear_after_s"], f"{key}_after", 0.0)
    if kind in ("threshold", "rate_of_change", "anomaly") and measure.quantile is None:
        window = given["window_s"] if given["measure"] == measure.name else 60
        typed["window_s"] = _minutes(third, "Judged over (minutes)", window, f"{key}_window", 0.25)
    return typed


def _minutes(place: Any, label: str, seconds: int, key: str, least: float) -> int:
    typed: float = place.number_input(label, least, 10_080.0, seconds / 60, 1.0, key=key, format="%g")
    return round(typed * 60)

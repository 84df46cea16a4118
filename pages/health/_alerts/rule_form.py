"""The fields of a rule: what is measured, of whom, and when it is too much. They follow the kind that is chosen."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.health.alerts.cleaning import MAX_NAME, MAX_TEXT, MAX_URL
from core.health.alerts.measures import MEASURES, Measure
from pages.health._alerts import rule_bounds, rule_settings, words


def fields(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    """What is typed, as the actions take it. `given` are the values to begin with."""
    kind, measure = _what(given, key)
    typed: dict[str, Any] = {"kind": kind, "measure": measure.name}
    typed |= _who(given, measure, f"{key}_{measure.name}")
    place = f"{key}_{kind}_{measure.name}"
    typed |= rule_bounds.bounds(given, kind, measure, place) | {"settings": rule_settings.fields(given, kind, place)}
    typed |= rule_bounds.lengths(given, kind, measure, place)
    return typed | _name(given, key)


def _what(given: Mapping[str, Any], key: str) -> tuple[str, Measure]:
    left, right = st.columns(2)
    kinds = list(words.KINDS)
    kind = left.selectbox(
        "Kind", kinds, kinds.index(given["kind"]), key=f"{key}_kind", format_func=words.KINDS.__getitem__
    )
    fitting = [name for name, measure in MEASURES.items() if kind in measure.kinds]
    chosen = fitting.index(given["measure"]) if given["measure"] in fitting else 0
    name = right.selectbox(
        "Measure", fitting, chosen, key=f"{key}_measure_{kind}", format_func=lambda one: MEASURES[one].title
    )
    return kind, MEASURES[name]


def _who(given: Mapping[str, Any], measure: Measure, key: str) -> dict[str, Any]:
    """Per which dimension it is judged, and which values of each count."""
    titles, is_same = measure.dimensions, given["measure"] == measure.name
    per = given["per"] if is_same else measure.default_per
    options = [None, *titles, *([per] if per and per not in titles else [])]
    chosen = st.selectbox(
        "Judged per", options, options.index(per), key=f"{key}_per",
        format_func=lambda one: "All together" if one is None else titles.get(one, one),
        help="Each value fires by itself; all together is one figure.",
    )  # fmt: skip
    return {"per": chosen, "filters": _filters(given["filters"] if is_same else {}, measure, key)}


def _filters(given: Mapping[str, Any], measure: Measure, key: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    names = [*measure.dimensions, *(name for name in given if name not in measure.dimensions)]
    if not names:
        return found
    with st.expander(
        "Only of", icon=":material/filter_alt:", expanded=bool(given or measure.required), key=f"{key}_filters"
    ):
        for name in names:
            values = list(given.get(name, ()))
            title = measure.dimensions.get(name, name) + (" (needed)" if name in measure.required else "")
            found[name] = st.multiselect(
                title,
                values,
                values,
                key=f"{key}_filter_{name}",
                accept_new_options=True,
                placeholder="Any; type a value",
            )
    return {name: list(values) for name, values in found.items() if values}


def _name(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    left, right = st.columns([3, 1])
    name = left.text_input(
        "Name", given["name"], key=f"{key}_name", max_chars=MAX_NAME, placeholder="CPU of a server is high"
    )
    severities = list(words.SEVERITIES)
    severity = right.selectbox(
        "Severity", severities, severities.index(given["severity"]), key=f"{key}_severity",
        format_func=lambda one: words.SEVERITIES[one][0],
    )  # fmt: skip
    with st.expander("Volume, storms, description, runbook", icon=":material/tune:", key=f"{key}_more"):
        few, many = st.columns(2)
        volume = few.number_input(
            "Minimum volume", 0, 10**9, given["minimum_volume"], key=f"{key}_volume",
            help="Fewer requests, messages or points than that in the window say nothing.",
        )  # fmt: skip
        storm = many.number_input(
            "One alert from", 2, 10_000, given["storm_size"], key=f"{key}_storm",
            help="So many subjects at the same time are told as one alert.",
        )  # fmt: skip
        description = st.text_area("Description", given["description"], key=f"{key}_description", max_chars=MAX_TEXT)
        runbook = st.text_input(
            "Runbook",
            given["runbook_url"] or "",
            key=f"{key}_runbook",
            max_chars=MAX_URL,
            placeholder="https://wiki.example.com/cpu",
        )
    return {"name": name, "severity": severity, "minimum_volume": int(volume), "storm_size": int(storm),
            "description": description, "runbook_url": runbook or None}  # fmt: skip

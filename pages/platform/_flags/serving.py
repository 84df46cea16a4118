"""Choosing what is served: one variant, or several by weights."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

SPLIT = "Split by weights"


def edit(label: str, given: dict[str, Any], variants: Mapping[str, Any], key: Callable[..., str]) -> dict[str, Any]:
    """What was chosen; a split asks for one whole weight per variant and shows the share beside it."""
    names = list(variants)
    options = [*names, SPLIT]
    chosen = SPLIT if "split" in given else given["variant"]
    picked = st.selectbox(
        label, options, options.index(chosen) if chosen in options else 0, key=key("serve"), width=190
    )
    if picked != SPLIT:
        return {"variant": picked}
    weights = given.get("split") or dict.fromkeys(names, 1)
    return {"split": _weights(names, weights, key)}


def _weights(names: list[str], weights: Mapping[str, int], key: Callable[..., str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        weight = st.number_input(
            f"Weight of {name}", 0, 1_000_000, int(weights.get(name, 0)), key=key("weight", name), width=150
        )
        found[name] = int(weight)
    whole = sum(found.values())
    told = (
        ", ".join(f"{name} {weight / whole:.0%}" for name, weight in found.items()) if whole else "Give one a weight."
    )
    st.caption(told)
    return {name: weight for name, weight in found.items() if weight} or found

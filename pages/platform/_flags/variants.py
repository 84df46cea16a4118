"""The editor of variants: one row each, name and value."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.platform._flags import draft, words
from pages.platform._flags.texts import parsed

STARTS: dict[str, dict[str, Any]] = {
    "multivariate": {"control": "control", "treatment": "treatment"},
    "json": {"control": {}, "treatment": {}},
}
Rows = list[dict[str, str]]


def start(kind: str, variants: Mapping[str, Any] | None = None) -> Rows:
    """Rows to begin with: those of the flag, or two of the kind."""
    given = STARTS.get(kind, {}) if variants is None else variants
    return [draft.row(name=name, value=_typed(kind, value)) for name, value in given.items()]


def _typed(kind: str, value: Any) -> str:
    return words.pretty(value) if kind == "json" else str(value)


def edit(kind: str, rows: Rows, key: str) -> None:
    """Edits the rows in place; not for boolean flags, whose variants are fixed."""
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            row["name"] = st.text_input("Variant", row["name"], key=f"{key}_{row['uid']}_name", width=170, max_chars=60)
            field = st.text_area if kind == "json" else st.text_input
            row["value"] = field("Value", row["value"], key=f"{key}_{row['uid']}_value_{kind}") or ""
            st.button(
                "", key=f"{key}_{row['uid']}_remove", icon=":material/close:", type="tertiary",
                help="Remove this variant", disabled=len(rows) <= 2, on_click=rows.remove, args=(row,),
            )  # fmt: skip
    st.button("Add variant", key=f"{key}_add", icon=":material/add:", type="tertiary", on_click=_add, args=(kind, rows))


def _add(kind: str, rows: Rows) -> None:
    rows.append(draft.row(name=f"variant-{len(rows) + 1}", value="{}" if kind == "json" else ""))


def read(kind: str, rows: Rows) -> dict[str, Any] | None:
    """The variants as the actions take them; None for a boolean flag. Numbers where all of them are. Raises Invalid."""
    if kind == "boolean":
        return None
    if kind == "json":
        return {row["name"]: parsed(row["value"], "variants", f"The value of {row['name']}") for row in rows}
    numbers = [_number(row["value"]) for row in rows]
    are_numbers = all(number is not None for number in numbers)
    return {row["name"]: number if are_numbers else row["value"] for row, number in zip(rows, numbers, strict=True)}


def _number(text: str) -> int | float | None:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None

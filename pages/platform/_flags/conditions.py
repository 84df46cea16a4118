"""The editor of conditions, in rules and in segments: attribute, operator, values."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.customers.tenants import rules as tenant_rules
from core.kernel.actor import Actor
from core.platform.flags.conditions import KNOWN_ATTRIBUTES, OPERATORS, WITHOUT_VALUES, as_text
from pages.platform._flags import draft, tenants

Key = Callable[..., str]
Rows = list[dict[str, Any]]
_VALUES = {"plan": tenant_rules.TIERS, "region": tenant_rules.REGIONS, "status": tenant_rules.STATUSES}


def edit(actor: Actor, rows: Rows, key: Key, *, join: str = "and") -> None:
    """Edits the rows in place; a click adds or removes one."""
    for place, one in enumerate(rows):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
            _condition(actor, one, key, place, join)
            st.button(
                "", key=key(one["uid"], "remove"), icon=":material/close:", type="tertiary",
                help="Remove this condition", on_click=rows.remove, args=(one,),
            )  # fmt: skip
    st.button(
        "Add condition", key=key("add_condition"), icon=":material/add:", type="tertiary", on_click=_add, args=(rows,)
    )


def _add(rows: Rows) -> None:
    rows.append(draft.row(attribute="plan", operator="in", values=[]))


def _condition(actor: Actor, one: dict[str, Any], key: Key, place: int, join: str) -> None:
    options = [*KNOWN_ATTRIBUTES, *([] if one["attribute"] in KNOWN_ATTRIBUTES else [one["attribute"]])]
    attribute = st.selectbox(
        "If" if place == 0 else join, options, options.index(one["attribute"]), key=key(one["uid"], "attribute"),
        accept_new_options=True, width=150, placeholder="Choose or type one",
    )  # fmt: skip
    if attribute and attribute != one["attribute"]:
        one.update(attribute=attribute, values=[])
    operators = list(OPERATORS)
    one["operator"] = st.selectbox(
        "Operator", operators, operators.index(one["operator"]), format_func=OPERATORS.__getitem__,
        key=key(one["uid"], "operator"), label_visibility="collapsed", width=190,
    )  # fmt: skip
    if one["operator"] in WITHOUT_VALUES:
        one["values"] = []
        return
    one["values"] = _values(actor, one, key(one["uid"], "values", one["attribute"]))


def _values(actor: Actor, one: dict[str, Any], key: str) -> list[Any]:
    if one["attribute"] == "tenant_id":
        return tenants.pick_many(actor, "Values", one["values"], key=key)
    known = [*_VALUES.get(one["attribute"], ()), *one["values"]]
    return st.multiselect(
        "Values", list(dict.fromkeys(known)), one["values"], key=key, accept_new_options=True, format_func=as_text,
        placeholder="Type a value and press Enter", label_visibility="collapsed", wrap=True,
    )  # fmt: skip

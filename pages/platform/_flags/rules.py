"""The rules of one environment, in the order in which they are tried."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from pages.platform._flags import conditions, draft, serving
from pages.platform._flags.draft import Draft


def edit(actor: Actor, edited: Draft, flag: dict[str, Any], segments: pd.DataFrame) -> None:
    """Each rule with its conditions; rules can be added, moved and removed."""
    rules = edited.values["rules"]
    st.subheader("Rules", anchor=False)
    st.caption("Tried from the top; the first that matches decides. Overrides come before them.")
    if not rules:
        st.caption(":material/inbox: There is no rule: the rollout below decides for everybody.")
    names = dict(zip(segments["key"], segments["name"], strict=True))
    for place, rule in enumerate(rules):
        with st.container(border=True, gap="small"):
            _head(edited, rules, place)
            _who(actor, edited, rule, names)
            _gets(edited, rule, flag["variants"])
    st.button(
        "Add rule", key=edited.key("add_rule"), icon=":material/add:", on_click=_add, args=(rules, flag),
    )  # fmt: skip


def _add(rules: list[dict[str, Any]], flag: Mapping[str, Any]) -> None:
    first = next((name for name in flag["variants"] if name != flag["off_variant"]), flag["off_variant"])
    made = draft.row(description="", segment=None, conditions=[], serve={"variant": first}, percentage=100.0)
    rules.append(made | {"id": made["uid"], "conditions": [draft.row(attribute="plan", operator="in", values=[])]})


def _head(edited: Draft, rules: list[dict[str, Any]], place: int) -> None:
    rule = rules[place]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(f"{place + 1}", color="gray")
        rule["description"] = st.text_input(
            "Description", rule["description"], key=edited.key(rule["uid"], "description"), max_chars=200,
            placeholder="What this rule is for", label_visibility="collapsed",
        )  # fmt: skip
        _icon(edited, rule, "up", ":material/arrow_upward:", place == 0, draft.move, (rules, place, -1))
        _icon(edited, rule, "down", ":material/arrow_downward:", place == len(rules) - 1, draft.move, (rules, place, 1))
        _icon(edited, rule, "remove", ":material/delete:", False, rules.remove, (rule,))


_HELP = {"up": "Move this rule up", "down": "Move this rule down", "remove": "Remove this rule"}


def _icon(edited: Draft, rule: dict[str, Any], act: str, icon: str, disabled: bool, do: Any, given: Any) -> None:
    st.button(
        "", key=edited.key(rule["uid"], act), icon=icon, type="tertiary", help=_HELP[act], disabled=disabled,
        on_click=do, args=given,
    )  # fmt: skip


def _who(actor: Actor, edited: Draft, rule: dict[str, Any], names: dict[str, str]) -> None:
    options = [*names, *([] if rule["segment"] in (None, *names) else [rule["segment"]])]
    rule["segment"] = st.selectbox(
        "Segment", options, options.index(rule["segment"]) if rule["segment"] else None,
        format_func=lambda key: names.get(key, f"{key} (gone)"), key=edited.key(rule["uid"], "segment"),
        placeholder="Any" if names else "There is no segment yet", disabled=not options, width=380,
    )  # fmt: skip
    conditions.edit(actor, rule["conditions"], lambda *parts: edited.key(rule["uid"], *parts))


def _gets(edited: Draft, rule: dict[str, Any], variants: Mapping[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        rule["serve"] = serving.edit("Serve", rule["serve"], variants, lambda *parts: edited.key(rule["uid"], *parts))
        percentage = st.number_input(
            "To this share (%)", 0.0, 100.0, float(rule["percentage"]), 5.0, format="%g",
            key=edited.key(rule["uid"], "percentage"), width=150,
            help="Of those who match. The rest goes on to the next rule.",
        )  # fmt: skip
        rule["percentage"] = float(percentage)

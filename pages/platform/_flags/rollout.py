"""On or off, what everybody else gets, and to which share of them."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.platform._flags import serving, words
from pages.platform._flags.draft import Draft


def switch(edited: Draft, environment: str) -> None:
    """Whether the flag is on at all."""
    edited.values["is_enabled"] = st.toggle(
        f"On in {environment}", edited.values["is_enabled"], key=edited.key("is_enabled"),
        help="Off: everybody gets the off variant, whatever is written below.",
    )  # fmt: skip


def edit(edited: Draft, flag: dict[str, Any], counts: pd.DataFrame) -> None:
    """The slider, the exact number beside it, and what the share means."""
    st.subheader("Rollout", anchor=False)
    st.caption("Whom no override and no rule decided. A higher percentage only ever adds; nobody drops out.")
    slider, number = edited.key("slider"), edited.key("percentage")
    value = float(edited.values["rollout_percentage"])
    st.session_state.setdefault(slider, value)
    st.session_state.setdefault(number, value)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider(
            "Rollout", 0.0, 100.0, step=1.0, format="%g %%", key=slider, on_change=_copy, args=(slider, number, edited)
        )
        st.number_input(
            "Exactly (%)", 0.0, 100.0, step=1.0, format="%g", key=number, width=130, on_change=_copy,
            args=(number, slider, edited),
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        edited.values["serve"] = serving.edit("Serve", edited.values["serve"], flag["variants"], edited.key)
    st.caption(meaning(edited.values["rollout_percentage"], flag["unit"], _whole(counts)))


def _copy(source: str, target: str, edited: Draft) -> None:
    value = float(st.session_state[source] or 0)
    st.session_state[target] = edited.values["rollout_percentage"] = value


def _whole(counts: pd.DataFrame) -> int:
    return int(counts["tenants"].sum()) if len(counts) else 0


def meaning(percentage: float, unit: str, tenants: int) -> str:
    """What a share is in tenants; of users only the share is known here."""
    if unit == "user":
        return f"{words.share(percentage)} of the users, whichever tenant they belong to."
    if not tenants:
        return "There are no tenants yet."
    return f"About {round(percentage * tenants / 100):,} of {tenants:,} tenants."

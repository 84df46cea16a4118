"""The environment that is looked at."""

import streamlit as st

from core.platform.flags import queries


def choice() -> str:
    """Production at first; in the address."""
    name: str = st.segmented_control(
        "Environment", queries.ENVIRONMENTS, default="production", key="env", bind="query-params",
        format_func=str.capitalize, label_visibility="collapsed", required=True,
    )  # fmt: skip
    return name

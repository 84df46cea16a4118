"""Operators to choose from."""

from typing import Any

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.teams import people


def names_of(actor: Actor) -> dict[str, str]:
    """Those who can be given tickets: id -> name."""
    frame = people.assignable(actor)
    return dict(zip(frame["id"].astype(str), frame["name"], strict=True))


def choice(label: str, names: dict[str, str], known: Any, key: str) -> str | None:
    """One of these; what is set and not offered any more stays."""
    now = None if known is None or pd.isna(known) else str(known)
    offered = [*names, *([now] if now and now not in names else [])]
    chosen: str | None = st.selectbox(
        label, offered, offered.index(now) if now else None, key=key, placeholder="Nobody",
        format_func=lambda one: names.get(one, "Somebody who is not in service"),
    )  # fmt: skip
    return chosen

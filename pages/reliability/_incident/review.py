"""What is learned from the incident: its causes, the post-mortem, and what is to be done."""

from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from pages.reliability._review import causes, items, writing

PARTS = {"cause": "Root cause", "post_mortem": "Post-mortem", "items": "Action items"}
_SHOW = {"cause": causes.show, "post_mortem": writing.show, "items": items.of}


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """The part that is chosen; the others are not read."""
    part = st.segmented_control(
        "Part", list(PARTS), default="cause", format_func=PARTS.__getitem__, key="review_part", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    _SHOW[str(part)](actor, incident)

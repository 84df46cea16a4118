"""The time that figures are about, as the address says it."""

from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from core.kernel.actor import Actor
from core.support.figures.filters import Period
from pages._parts import time_range

LONGEST = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Chosen:
    """`label` reads after "in"; `is_live` when the period ends now."""

    period: Period
    label: str
    is_live: bool


def choose(actor: Actor) -> Chosen:
    """Draws the control. A longer time than LONGEST is cut at its beginning, and says so."""
    chosen = time_range.choose(actor, default="30d")
    since = max(chosen.since, chosen.until - LONGEST)
    if since > chosen.since:
        st.caption(f"At most {LONGEST.days} days at once: this shows the last of them.")
    return Chosen(Period(since, chosen.until), chosen.label, chosen.is_live)

"""What the page asks for again and again and that changes each minute at most."""

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.sla import overview
from core.reliability.sla.overview import Summary


def summary(actor: Actor) -> Summary:
    """The figures at the top, for half a minute."""
    return _summary(actor.sight, str(actor.operator_id), actor)


@st.cache_data(ttl=30, max_entries=200, show_spinner=False)
def _summary(sight: str, operator: str, _actor: Actor) -> Summary:
    return overview.summary(_actor)

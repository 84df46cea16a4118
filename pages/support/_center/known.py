"""The figures of a period, kept for a minute: they take longer the more tickets it holds, and change little meanwhile."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.support.figures import backlog, compliance, times
from core.support.figures.filters import Filters, Period
from pages._parts.frame import zone

TTL_S = 60
Figures = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def figures(actor: Actor, period: Period) -> Figures:
    """Days, waits and rates. Whose they are is part of what they are kept by, and so are the rights of that moment."""
    whose = None if actor.scope == "all" else actor.operator_id
    return _figures(
        actor, period.since, period.until, str(zone(actor)), actor.sight, whose, tuple(sorted(actor.grants))
    )


@st.cache_data(ttl=TTL_S, max_entries=100, show_spinner=False)
def _figures(
    _actor: Actor, since: datetime, until: datetime, where: str, sight: str, whose: UUID | None, grants: tuple[str, ...]
) -> Figures:
    del sight, whose, grants
    period = Period(since, until)
    return (
        backlog.by_day(_actor, period, ZoneInfo(where)), times.overview(_actor, Filters(period)),
        compliance.rates(_actor, Filters(period)),
    )  # fmt: skip

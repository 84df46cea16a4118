"""Words and colours of what errors are."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

import pandas as pd
import streamlit as st

from core.health.errors import states
from core.health.errors.spikes import spikes
from core.kernel.times import utc_now
from pages._parts.moments import UNKNOWN, percent
from pages._parts.time_range import TimeRange

Colour = Literal["red", "orange", "blue", "green", "gray"]
BADGES: dict[str, tuple[str, str, Colour]] = {
    "open": ("Open", ":material/error:", "red"),
    "returned": ("Returned", ":material/replay:", "orange"),
    "acknowledged": ("Acknowledged", ":material/visibility:", "blue"),
    "resolved": ("Resolved", ":material/check_circle:", "green"),
    "ignored": ("Ignored", ":material/notifications_off:", "gray"),
}
SHOWN: dict[str, tuple[str, ...]] = {
    "Unresolved": ("open", "returned", "acknowledged"), "All states": (),
    **{BADGES[state][0]: (state,) for state in states.STATES},
}  # fmt: skip
SORTS = {"Last seen": "last_seen_at", "First seen": "first_seen_at", "Most errors": "errors", "Most tenants": "tenants"}


def is_unknown(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def badge(state: str) -> None:
    label, icon, colour = BADGES[state]
    st.badge(label, icon=icon, color=colour)


def present(span: TimeRange) -> TimeRange:
    """A live range goes on while the page stands."""
    now = utc_now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    return TimeRange(span.since, max(span.until, now), span.label, is_live=True) if span.is_live else span


def share(errors: int, requests: int | None) -> str:
    """Errors as a share of requests; unknown where none were counted."""
    return percent(errors / requests, 2) if requests else UNKNOWN


def spike(counts: list[int], starts: pd.DatetimeIndex, zone: tzinfo, grain: str) -> str | None:
    """When the last spike was; None without one."""
    found = spikes(counts)
    if not found:
        return None
    at: datetime = starts[found[-1]].to_pydatetime().astimezone(zone)
    return f"{at:%d %b}" if grain == "day" else f"{at:%d %b %H:%M}"


def moment(value: Any, zone: tzinfo) -> str:
    return UNKNOWN if is_unknown(value) else f"{value.astimezone(zone):%d %b %Y %H:%M:%S}"


def title(row: Mapping[Any, Any]) -> str:
    return f"{row['type']}: {'' if is_unknown(row['message']) else row['message']}".rstrip(": ")

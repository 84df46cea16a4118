"""Durations and shares of figures as people read them; what is unknown is shown as such."""

from datetime import timedelta
from typing import Any

import pandas as pd

from pages._parts.moments import UNKNOWN
from pages.support._words import length

MEASURES = {"first_response": "First response", "resolution": "Resolution"}
TARGETS = {"first_response": "First response", "next_response": "Next response", "resolution": "Resolution"}
HOURS = {"wall": "Wall clock", "business": "Business hours"}
EDGE = 0.0005


def duration(seconds: Any) -> str:
    return UNKNOWN if seconds is None or pd.isna(seconds) else length(timedelta(seconds=float(seconds)))


def longer(now: Any, before: Any) -> str | None:
    """By how much a duration grew (or shrank, with a minus); None where either is unknown or they read alike."""
    if any(one is None or pd.isna(one) for one in (now, before)) or duration(now) == duration(before):
        return None
    return f"{'-' if now < before else '+'}{duration(abs(now - before))}"


def share(ratio: Any) -> str:
    return UNKNOWN if ratio is None or pd.isna(ratio) else f"{float(ratio):.1%}"


def points(now: Any, before: Any) -> str | None:
    """By how many percentage points a share changed."""
    if any(one is None or pd.isna(one) for one in (now, before)) or abs(now - before) < EDGE:
        return None
    return f"{(now - before) * 100:+.1f} points"


def hours(seconds: pd.Series) -> pd.Series:
    """For tables, where they can be sorted."""
    return seconds.astype("Float64") / 3600

"""Amounts and shares as people read them."""

from typing import Any

import pandas as pd

from pages._parts.moments import UNKNOWN


def money(value: Any, currency: str, digits: int = 2) -> str:
    return UNKNOWN if pd.isna(value) else f"{value:,.{digits}f} {currency}"


def share(ratio: Any) -> str:
    return UNKNOWN if pd.isna(ratio) else f"{float(ratio):.1%}"


def points(now: Any, before: Any) -> str | None:
    """The difference of two shares in percentage points."""
    if pd.isna(now) or pd.isna(before) or round(now - before, 4) == 0:
        return None
    return f"{(now - before) * 100:+.1f} points"


def more(now: Any, before: Any, digits: int = 0) -> str | None:
    """The difference of two figures, None where there is none."""
    if pd.isna(now) or pd.isna(before) or now == before:
        return None
    return f"{float(now) - float(before):+,.{digits}f}"

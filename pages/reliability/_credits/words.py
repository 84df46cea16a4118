"""How credits are spoken of."""

from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Literal

import pandas as pd

from core.reliability.sla import credit_queries
from pages._parts.moments import UNKNOWN

Colour = Literal["blue", "orange", "green", "gray", "violet"]
STATUSES: dict[str, tuple[str, Colour]] = {
    "draft": ("Draft", "orange"), "approved": ("Approved", "blue"), "issued": ("Issued", "green"), "void": ("Void", "gray"),
    "none": ("Nothing owed", "gray"),
}  # fmt: skip
assert set(STATUSES) == set(credit_queries.STATUSES)


def status(key: str) -> str:
    return STATUSES[key][0]


def month(first_day: date) -> str:
    return f"{first_day:%B %Y}"


def percent(value: Any) -> str:
    """A percentage as it is stored."""
    return UNKNOWN if value is None or pd.isna(value) else f"{value.normalize():f} %"


def uptime(value: Any) -> str:
    """Rounded down: what is under a tier must not look as if it were not."""
    return UNKNOWN if value is None or pd.isna(value) else f"{value.quantize(Decimal('0.0001'), ROUND_FLOOR)} %"


def name(row: Any) -> str:
    """Its number, or what it is."""
    if row["number"]:
        return str(row["number"])
    return f"Adjustment {row['sequence']}" if row["sequence"] else "Credit"

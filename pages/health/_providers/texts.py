"""Words for providers. What is not known stays unknown."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal

import pandas as pd

from core.health.providers.rules import Status
from pages._parts.moments import UNKNOWN

BADGES: dict[Status, tuple[str, str, Literal["green", "orange", "red", "gray"]]] = {
    "healthy": ("Healthy", ":material/check_circle:", "green"),
    "degraded": ("Degraded", ":material/warning:", "orange"),
    "down": ("Down", ":material/error:", "red"),
    "unknown": ("Unknown", ":material/help:", "gray"),
}
CHANNELS = {"sms": "SMS", "voice": "Voice", "email": "E-mail", "push": "Push", "whatsapp": "WhatsApp"}
BANDS = "Healthy below 5 % errors, degraded below 15 %, down from 15 %; unknown without traffic in the last hour."


def channel(name: str) -> str:
    return CHANNELS.get(name, name.capitalize())


def cost(row: Mapping[Any, Any]) -> str:
    """The price of 24 h in each currency; what was not priced is not free."""
    known: Mapping[str, Decimal] = row["cost_24h"] if isinstance(row["cost_24h"], dict) else {}
    told = [f"{amount:,.2f} {currency}" for currency, amount in sorted(known.items())]
    unpriced = int(row["unpriced_24h"])
    if unpriced:
        told.append(f"{unpriced:,} unpriced")
    return " + ".join(told) or UNKNOWN


def use(row: Mapping[Any, Any]) -> str:
    """Whether it is used."""
    if not row["is_configured"]:
        return "Not configured"
    if row["is_active"]:
        return "In use"
    return "Standby" if row["is_enabled"] else "Disabled"


def number(value: Any) -> float | None:
    """A figure of a frame, None where it is not known."""
    return None if pd.isna(value) else float(value)

"""How money, limits and policies are said."""

from datetime import date, timedelta
from typing import Any

import pandas as pd

from core.customers.configuration.catalogue import SETTINGS
from pages._parts.moments import UNKNOWN, size

RESOURCES = {
    "users": "Users", "storage_bytes": "Storage", "api_calls": "API calls a month", "messages": "Messages a month",
    "ai_spend": "AI spend a month",
}  # fmt: skip
POLICIES = {
    "notify": "Notify", "throttle": "Throttle", "block": "Block", "auto_upgrade": "Upgrade, once approved",
}  # fmt: skip
INTERVALS = {"monthly": "Monthly", "yearly": "Yearly"}


def money(amount: Any, currency: str | None) -> str:
    """To the cent, with the currency's code before it; a minus where it is less than nothing."""
    if amount is None or pd.isna(amount):
        return UNKNOWN
    return f"{'−' if amount < 0 else ''}{currency} {abs(amount):,.2f}"


def limit(resource: str, figure: Any, currency: str) -> str:
    """A limit as people read it; nothing is unlimited."""
    if figure is None:
        return "Unlimited"
    if resource == "storage_bytes":
        return size(float(figure))
    return money(figure, currency) if resource == "ai_spend" else f"{figure:,}"


def period(start: date | None, end: date | None) -> str | None:
    """The first and the last day of a period that ends before `end`."""
    return f"{start} to {end - timedelta(days=1)}" if start and end else None


def setting(key: str) -> str:
    """What the catalogue calls it; a key that it does not know, as it is."""
    return SETTINGS[key].title if key in SETTINGS else key


def policy(word: str | None) -> str:
    return POLICIES.get(word or "", UNKNOWN)

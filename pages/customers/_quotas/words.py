"""Quotas as people read them."""

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from core.customers.quotas.amounts import shown
from core.customers.quotas.resources import BY_KEY
from pages._parts.moments import UNKNOWN

Colour = Literal["green", "orange", "red", "gray", "blue"]
POLICIES = {"notify": "Notify", "throttle": "Throttle", "block": "Block", "auto_upgrade": "Ask for a larger plan"}
SOURCES = {"override": "Override", "seats": "Seats", "plan": "Plan", "none": "No limit set"}
DECISIONS = {"allowed": "Allowed", "throttled": "Throttled", "blocked": "Blocked"}
COLOURS: Mapping[str, Colour] = {"allowed": "green", "throttled": "orange", "blocked": "red"}
PLANS = {"free": "Free", "basic": "Basic", "pro": "Pro", "enterprise": "Enterprise"}


def is_known(value: Any) -> bool:
    return value is not None and not pd.isna(value)


def used(resource: str, amount: Any) -> str:
    """UNKNOWN for what is not known."""
    return shown(BY_KEY[resource], float(amount)) if is_known(amount) else UNKNOWN


def limit(resource: str, amount: Any) -> str:
    return shown(BY_KEY[resource], float(amount)) if is_known(amount) else "No limit"


def label(resource: str) -> str:
    return BY_KEY[resource].label


def share_of(resource: str, amount: Any, most: Any) -> str:
    """Used of the limit."""
    return f"{used(resource, amount)} of {limit(resource, most)}"


def asker(row: Mapping[Any, Any]) -> str:
    """Who asked; the portal has no id."""
    return str(row["requested_by_name"]) if is_known(row["requested_by"]) else "the portal"


def rows(found: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in found.to_dict("records")]

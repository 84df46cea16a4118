"""Settings as people read them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pandas as pd

from core.customers.configuration.catalogue import SETTINGS
from pages._parts.moments import UNKNOWN

SOURCES = {"default": "Default", "plan": "Plan", "override": "Override"}
COLOURS: Mapping[str, Literal["gray", "blue", "orange"]] = {"default": "gray", "plan": "blue", "override": "orange"}
CHANGES = {"set": "Set", "cleared": "Cleared", "expired": "Expired"}
LIMITED = "Takes the approval of a second person, whoever asks."


def value(given: Any, unit: str = "") -> str:
    """One value as text; what nobody set is UNKNOWN."""
    if given is None:
        return UNKNOWN
    if isinstance(given, bool):
        return "On" if given else "Off"
    if isinstance(given, (list, tuple)):
        return ", ".join(str(one) for one in given) or "Empty"
    if isinstance(given, (int, float)):
        return f"{given:,.0f} {unit}".strip()
    return str(given) or "Empty"


def of_row(row: Mapping[Any, Any]) -> str:
    """The effective value of a row of `queries.effective`: of a secret, whether it is set."""
    if row["sensitivity"] == "secret":
        return "Set" if row["is_set"] else "Not set"
    return value(row["value"], row["unit"])


def of_key(key: str, given: Any, *, has_secret: bool = False) -> str:
    """A value of the setting of that key; one that the catalogue has no more is shown as it is."""
    setting = SETTINGS.get(key)
    if has_secret or (setting is not None and setting.is_secret):
        return "A secret"
    return value(given, setting.unit if setting else "")


def title(key: str) -> str:
    return SETTINGS[key].title if key in SETTINGS else key


def until(moment: Any, zone: ZoneInfo) -> str:
    """The end of an override in the viewer's zone."""
    if moment is None or pd.isna(moment):
        return "Until somebody clears it"
    at: datetime = pd.Timestamp(moment).to_pydatetime()
    return f"Until {at.astimezone(zone):%d %b %Y %H:%M}"

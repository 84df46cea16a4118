"""Words and colours of states. What is not known stays unknown."""

from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

import pandas as pd

from core.reliability.status_page import history
from pages._parts.moments import UNKNOWN

Colour = Literal["green", "orange", "red", "blue", "gray"]
COLOURS: dict[str, Colour] = {
    "operational": "green", "degraded_performance": "orange", "partial_outage": "orange", "major_outage": "red",
    "under_maintenance": "blue", "unknown": "gray",
}  # fmt: skip
ICONS = {
    "operational": "check_circle", "degraded_performance": "speed", "partial_outage": "error", "major_outage": "cancel",
    "under_maintenance": "build", "unknown": "help",
}  # fmt: skip


def uptime(ratio: Any) -> str:
    """In percent, cut and not rounded."""
    share = None if pd.isna(ratio) else history.percent(float(ratio))
    return UNKNOWN if share is None else f"{share} %"


def length(seconds: int) -> str:
    return str(timedelta(seconds=int(seconds))).removesuffix(":00").replace(" days", " d").replace(" day", " d")


def plain(text: str) -> str:
    """Somebody's own words, safe inside Markdown."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()#+-.!|<>$~:" else letter for letter in text)


def names(ids: Any, known: dict[UUID, str]) -> list[str]:
    """The names of those that are known; of the others that there are some."""
    named = [known[key] for key in ids if key in known]
    others = len(ids) - len(named)
    return [*named, f"{others} that you may not see"] if others else named

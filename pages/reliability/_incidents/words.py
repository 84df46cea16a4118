"""How incidents are spoken of: severities, states, kinds, and the time until the next word."""

from datetime import datetime, timedelta
from typing import Any, Literal

import pandas as pd

from core.reliability.incidents import rules

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]

SEVERITY = {"sev1": "SEV1", "sev2": "SEV2", "sev3": "SEV3"}
SEVERITY_TOLD = {
    "sev1": "SEV1: down, or data at risk, for many", "sev2": "SEV2: an important part fails", "sev3": "SEV3: a nuisance",
}  # fmt: skip
SEVERITY_COLOURS: dict[str, Colour] = {"sev1": "red", "sev2": "orange", "sev3": "blue"}
STATUS = {
    "investigating": "Investigating", "identified": "Identified", "monitoring": "Monitoring", "resolved": "Resolved",
    "closed": "Closed",
}  # fmt: skip
STATUS_COLOURS: dict[str, Colour] = {
    "investigating": "red", "identified": "orange", "monitoring": "yellow", "resolved": "green", "closed": "gray",
}  # fmt: skip
KIND = {"outage": "Outage", "bug": "Bug", "security": "Security", "performance": "Performance"}
SOURCE = {
    "manual": "By hand", "alert": "Alert", "violation": "SLA violation", "error": "Error", "ticket": "Ticket", "api": "API",
}  # fmt: skip
assert set(SEVERITY) == set(rules.SEVERITIES) == set(SEVERITY_COLOURS)
assert set(STATUS) == set(rules.STATUSES) == set(STATUS_COLOURS)
assert set(KIND) == set(rules.KINDS)
assert set(SOURCE) == set(rules.SOURCES)


def length(span: timedelta) -> str:
    """A span in its two largest units: `3 d 4 h`, `2 h 5 min`, `45 s`."""
    seconds = abs(int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    units = ((86_400, "d"), (3_600, "h"), (60, "min"))
    first = next(place for place, (size, _) in enumerate(units) if seconds >= size)
    parts: list[str] = []
    for size, unit in units[first : first + 2]:
        count, seconds = divmod(seconds, size)
        parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts if part)


def countdown(due_at: datetime, now: datetime) -> tuple[str, Colour]:
    """The time until the next word in minutes and seconds, and how pressing it is."""
    seconds = int((due_at - now).total_seconds())
    minutes, rest = divmod(abs(seconds), 60)
    told = f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes}:{rest:02} min"
    if seconds < 0:
        return f"Next update overdue by {told}", "red"
    return f"Next update in {told}", "orange" if seconds < 300 else "blue"


def lasting(row: Any, now: datetime) -> timedelta:
    """From when it began to hurt until it stopped, or until now."""
    began, ended = row["started_at"], row["resolved_at"]
    end: datetime = now if ended is None or pd.isna(ended) else ended
    lasts: timedelta = end - began
    return lasts

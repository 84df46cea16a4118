"""How tickets are spoken of: states, priorities, and the time that is left."""

from datetime import datetime, timedelta
from typing import Any, Literal

import pandas as pd

from core.support.tickets import rules
from pages._parts.moments import UNKNOWN

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]

STATUS = {
    "open": "Open", "in_progress": "In progress", "waiting": "Waiting", "resolved": "Resolved", "closed": "Closed",
    "reopened": "Reopened",
}  # fmt: skip
STATUS_COLOURS: dict[str, Colour] = {
    "open": "blue", "in_progress": "violet", "waiting": "yellow", "resolved": "green", "closed": "gray", "reopened": "orange",
}  # fmt: skip
PRIORITY = {"urgent": "Urgent", "high": "High", "medium": "Medium", "low": "Low"}
PRIORITY_COLOURS: dict[str, Colour] = {"urgent": "red", "high": "orange", "medium": "blue", "low": "gray"}
SLA = {
    "ok": "On time", "warned": "Due soon", "breached": "Overdue", "paused": "Paused", "met": "Met", "missed": "Missed",
    "none": "No target",
}  # fmt: skip
SLA_COLOURS: dict[str, Colour] = {
    "ok": "green", "warned": "orange", "breached": "red", "paused": "yellow", "met": "green", "missed": "red", "none": "gray",
}  # fmt: skip
CHANNEL = {"portal": "Portal", "email": "E-mail", "api": "API", "phone": "Phone", "import": "Import"}
QUICK: dict[Literal["least_loaded", "round_robin", "skill"], str] = {
    "least_loaded": "Whoever has the least to do",
    "round_robin": "In turn",
    "skill": "By skill",
}
ACTIVE = ("open", "reopened", "in_progress", "waiting")
assert set(STATUS) == set(rules.TITLES) == set(STATUS_COLOURS)
assert set(PRIORITY) == set(PRIORITY_COLOURS)
assert set(SLA) == set(SLA_COLOURS)


def length(span: timedelta) -> str:
    """A span in its two largest units: `3 d 4 h`, `2 h 5 min`, `45 s`."""
    seconds = abs(int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    parts: list[str] = []
    rest = seconds
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
    return " ".join(part for part in parts[:2] if part)


def left(due_at: Any, state: str, now: datetime) -> str:
    """What is left until the ticket is due, with what its clock does; the clock on the wall, pauses to come unknown."""
    if state in ("paused", "met", "missed"):
        return SLA[state]
    if due_at is None or pd.isna(due_at):
        return UNKNOWN if state != "none" else SLA["none"]
    return f"{length(due_at - now)} left" if due_at > now else f"{length(now - due_at)} overdue"


def state_now(due_at: Any, state: str, now: datetime) -> str:
    """The state as the viewer sees it: past its due time a ticket is overdue, before the next pass of the clock says so."""
    is_past = due_at is not None and not pd.isna(due_at) and due_at <= now
    return "breached" if is_past and state in ("ok", "warned") else state

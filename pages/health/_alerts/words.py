"""Words and colours of alerts, routes and messages."""

from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from typing import Any, Literal

import pandas as pd

from core.health.alerts.measures import MEASURES
from core.health.channels.figures import length, shown
from core.health.channels.rules import WEEKDAYS
from pages._parts.moments import UNKNOWN

Colour = Literal["green", "orange", "red", "gray", "blue", "violet"]
SEVERITIES: dict[str, tuple[str, Colour]] = {
    "critical": ("Critical", "red"), "warning": ("Warning", "orange"), "info": ("Info", "blue"),
}  # fmt: skip
STATUSES: dict[str, tuple[str, Colour]] = {
    "open": ("Open", "red"), "acknowledged": ("Acknowledged", "orange"), "resolved": ("Resolved", "green"),
    "dismissed": ("Dismissed", "gray"),
}  # fmt: skip
SENT: dict[str, tuple[str, Colour]] = {
    "waiting": ("Waiting", "blue"), "sent": ("Sent", "green"), "failed": ("Failed", "red"),
    "suppressed": ("Suppressed", "gray"),
}  # fmt: skip
REASONS = {"opened": "Opened", "escalated": "Escalated", "repeat": "Repeated", "resolved": "Over", "test": "Test"}
OUTCOMES: dict[str, tuple[str, Colour]] = {
    "firing": ("Firing", "red"), "clear": ("Clear", "green"), "unknown": ("Unknown", "gray"), "failed": ("Failed", "orange"),
}  # fmt: skip
KINDS = {
    "threshold": "Threshold", "absence": "Absence of data", "rate_of_change": "Rate of change", "anomaly": "Anomaly",
    "monitor_down": "Monitor down", "certificate": "Certificate expiring", "burn_rate": "Burn rate of an SLO",
    "sla_violation": "SLA violated", "sla_budget": "Burn rate of a contract",
}  # fmt: skip


def column(values: Iterable[Any], frame: pd.DataFrame) -> pd.Series:
    """A new column of a frame, of whatever values."""
    return pd.Series(list(values), index=frame.index, dtype="object")


def areas() -> list[str]:
    """Every area that an alert can be of."""
    return sorted({measure.area for measure in MEASURES.values()})


def area(name: str) -> str:
    return name.replace("_", " ").capitalize()


def is_unknown(value: Any) -> bool:
    return value is None or (not isinstance(value, (list, dict)) and bool(pd.isna(value)))


def figure(value: Any, unit: str) -> str:
    """A figure in its unit; one that nobody knows stays unknown."""
    return UNKNOWN if is_unknown(value) else shown(float(value), unit)


def lasting(span: Any) -> str:
    return UNKNOWN if is_unknown(span) else length(span)


def hours(route: Mapping[Any, Any]) -> str:
    """When a route counts, such as `Mon to Fri, 08:00 to 18:00 (Europe/Berlin)`."""
    days, begins, ends = list(route["weekdays"]), route["starts_at"], route["ends_at"]
    if not days and is_unknown(begins):
        return "Always"
    day = _days(days) if days else "Every day"
    clock = "" if is_unknown(begins) else f", {_clock(begins)} to {_clock(ends)}"
    return f"{day}{clock} ({route['time_zone']})"


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


def _days(days: list[int]) -> str:
    is_run = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
    return f"{WEEKDAYS[days[0]]} to {WEEKDAYS[days[-1]]}" if is_run else ", ".join(WEEKDAYS[day] for day in days)


def escalation(route: Mapping[Any, Any]) -> str:
    """Who comes next and when, or nothing."""
    if is_unknown(route["escalate_after_minutes"]):
        return ""
    after, every = int(route["escalate_after_minutes"]), route["repeat_every_minutes"]
    again = "" if is_unknown(every) else f", again every {length(timedelta(minutes=int(every)))}"
    return f"After {length(timedelta(minutes=after))}: {', '.join(route['escalation_channels'])}{again}"


def every(names: Iterable[str], titles: Mapping[str, tuple[str, Any]] | None = None) -> str:
    """A list of choices of which none means all."""
    listed = [titles[name][0] if titles else area(name) for name in names]
    return ", ".join(listed) or "All"


def marks(row: Mapping[Any, Any]) -> list[str]:
    """What is remarkable about an alert besides its figures."""
    told = {
        "Flapping": bool(row["is_flapping"]),
        "Silenced": bool(row["is_silenced"]),
        "No data now": not is_unknown(row["unknown_since"]) and row["status"] in ("open", "acknowledged"),
        f"and {int(row['children'] or 0):,} more": bool(row["children"]),
        "Part of a cause": not is_unknown(row["parent_id"]),
    }
    return [mark for mark, holds in told.items() if holds]

"""How what was promised and measured is spoken of."""

from typing import Any, Literal

import pandas as pd

from core.reliability.sla.overview import STATES as _STATES
from pages._parts.moments import UNKNOWN, milliseconds

Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]

STATES: dict[str, tuple[str, Colour]] = {
    "violated": ("Violated now", "red"), "missed": ("Missed", "red"), "behind": ("Below so far", "orange"),
    "met": ("On target", "green"), "unknown": ("Unknown", "gray"), "no_target": ("No target", "gray"),
}  # fmt: skip
METRICS = {
    "uptime": "Uptime", "latency_p99": "Latency P99", "error_rate": "Error rate", "support_response": "Support response",
}  # fmt: skip
IMPACTS: dict[str, tuple[str, Colour]] = {
    "critical": ("Critical", "red"), "major": ("Major", "orange"), "minor": ("Minor", "blue"),
}  # fmt: skip
STANDINGS: dict[str, tuple[str, Colour]] = {
    "counts": ("Counts", "gray"), "asked": ("Exclusion asked", "yellow"), "partly": ("Partly excluded", "violet"),
    "excluded": ("Excluded", "violet"), "withdrawn": ("Taken back", "violet"),
}  # fmt: skip
DECISIONS: dict[str, tuple[str, Colour]] = {
    "approved": ("Approved", "green"), "refused": ("Refused", "red"), "withdrawn": ("Withdrawn", "gray"),
}  # fmt: skip
MINUTES = {"up": "Up", "down": "Down", "maintenance": "Maintenance", "unobserved": "Not observed"}
assert set(STATES) == set(_STATES)


def is_known(value: Any) -> bool:
    return value is not None and not pd.isna(value)


def uptime(value: Any, digits: int = 3) -> str:
    """Percent, never rounded up to 100: what is less than that says so."""
    if not is_known(value):
        return UNKNOWN
    shown = f"{float(value):.{digits}f}"
    return f"< {shown} %" if float(shown) == 100 and float(value) < 100 else f"{shown} %"


def target(value: Any) -> str:
    return f"{float(value):g} %" if is_known(value) else UNKNOWN


def points(now: Any, before: Any) -> str:
    """The change in percentage points."""
    if not is_known(now) or not is_known(before):
        return UNKNOWN
    change = float(now) - float(before)
    return "±0" if abs(change) < 0.0005 else f"{change:+.3f}"


def latency(value: Any) -> str:
    return milliseconds(float(value)) if is_known(value) else UNKNOWN


def percent(value: Any) -> str:
    return f"{float(value):.2f} %" if is_known(value) else UNKNOWN


def latency_against(row: Any) -> str:
    return against(latency(row["latency_p99_ms"]), latency(row["latency_p99_target"]))


def errors_against(row: Any) -> str:
    return against(percent(row["error_rate"]), target(row["error_rate_target"]))


def against(actual: str, promised: str) -> str:
    """What was measured, of what was promised."""
    return actual if promised == UNKNOWN else f"{actual} of {promised}"


def figure(metric: str, value: Any) -> str:
    """A value in the metric's unit."""
    if not is_known(value):
        return UNKNOWN
    if metric == "uptime":
        return uptime(value)
    if metric == "latency_p99":
        return latency(value)
    return percent(value) if metric == "error_rate" else minutes(value)


def minutes(value: Any) -> str:
    """A count of minutes in its two largest units."""
    if not is_known(value):
        return UNKNOWN
    whole = round(float(value))
    days, hours, rest = whole // 1440, whole % 1440 // 60, whole % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (rest, "min")) if count]
    return " ".join(parts[:2]) or "0 min"


def name(row: Any) -> str:
    """The customer's name; who may not see customers gets the end of the id."""
    return str(row["tenant"]) if is_known(row["tenant"]) else f"Customer …{str(row['tenant_id'])[-6:]}"


def titles(known: dict[str, tuple[str, Colour]]) -> tuple[list[str], list[Colour]]:
    """Titles and colours, for a column of badges."""
    return [one[0] for one in known.values()], [one[1] for one in known.values()]

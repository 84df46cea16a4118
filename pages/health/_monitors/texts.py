"""Words for what monitors are. What nobody observed is said to be so, and never looks like up."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import pandas as pd

from pages._parts.moments import UNKNOWN, percent

Colour = Literal["green", "orange", "red", "gray", "blue"]
STATES: dict[str, tuple[str, str, Colour]] = {
    "up": ("Up", ":material/check_circle:", "green"),
    "degraded": ("Degraded", ":material/warning:", "orange"),
    "down": ("Down", ":material/error:", "red"),
    "paused": ("Paused", ":material/pause_circle:", "blue"),
    "unknown": ("Unknown", ":material/help:", "gray"),
}
KINDS = {
    "http": "HTTP", "tcp": "TCP", "dns": "DNS", "tls": "TLS certificate", "push": "Push",
}  # fmt: skip
WORST_FIRST = ("down", "degraded", "unknown", "up", "paused")


def is_unknown(value: Any) -> bool:
    return value is None or (not isinstance(value, (list, dict)) and bool(pd.isna(value)))


def known(value: Any) -> Any:
    """The value, or None for what pandas calls missing."""
    return None if is_unknown(value) else value


def state(name: str) -> str:
    return STATES[name][0]


def available(ratio: Any, unobserved: Any) -> str:
    """A share of the observed time, with how much was not observed; nothing observed, no figure."""
    if is_unknown(ratio):
        return f"{UNKNOWN} · {nothing(unobserved)}"
    return f"{share(float(ratio))} · {share(float(unobserved or 0), 1)}"


def nothing(unobserved: Any) -> str:
    """Why there is no figure."""
    if is_unknown(unobserved):
        return "not to be checked"
    return "nothing observed" if float(unobserved) > 0.999 else "maintenance only"


def share(ratio: float, digits: int = 2) -> str:
    """In percent; what is not quite all is never rounded up to all, and a little is never rounded down to nothing."""
    shown = percent(ratio, digits)
    if ratio < 1 and shown == percent(1, digits):
        return f"{100 - 10**-digits:.{digits}f}%"
    if ratio > 0 and shown == percent(0, digits):
        return f"<{10**-digits:.{digits}f}%"
    return percent(ratio, 0) if ratio in (0, 1) else shown


def length(time: timedelta) -> str:
    """How long, in the two largest units."""
    left = max(int(time.total_seconds()), 0)
    parts: list[str] = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if left >= size or (unit == "s" and not parts):
            parts.append(f"{left // size} {unit}")
            left %= size
    return " ".join(parts[:2])


def every(seconds: int) -> str:
    return f"every {length(timedelta(seconds=seconds))}"


def days_left(expires: datetime | None, now: datetime) -> str:
    """Of a certificate."""
    if expires is None:
        return UNKNOWN
    days = (expires - now) // timedelta(days=1)
    return f"{days:,} d" if expires > now else "Expired"


def target(monitor: Mapping[Any, Any]) -> str:
    return str(known(monitor["target"]) or "calls us")


def listed(values: Iterable[Any], none: str = UNKNOWN) -> str:
    return ", ".join(str(value) for value in values) or none


def count(number: int, thing: str) -> str:
    return f"{number:,} {thing if number == 1 else thing + 's'}"

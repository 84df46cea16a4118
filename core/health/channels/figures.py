"""Figures of alerts as people read them."""

from datetime import timedelta

from core.health.alerts.measures import MEASURES


def shown(value: float, unit: str) -> str:
    """In the unit of the alert, such as `92 %` or `1,200 ms`."""
    if unit == "s":
        return length(timedelta(seconds=value))
    same = next((measure for measure in MEASURES.values() if measure.unit == unit), None)
    return same.shown(value) if same else f"{value:,.4g} {unit}".strip()


def length(span: timedelta) -> str:
    """How long, in the largest fitting unit: 45 s, 12 min, 3 h, 2 d."""
    seconds = max(int(span.total_seconds()), 0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size or (seconds >= size and seconds % size == 0):
            return f"{seconds // size} {unit}"
    return f"{seconds} s"

"""Moments and quantities as people read them."""

from datetime import datetime, timedelta, tzinfo

UNKNOWN = "–"


def ago(age: timedelta) -> str:
    """How long ago, in the largest fitting unit."""
    seconds = max(int(age.total_seconds()), 0)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def clock(moment: datetime, zone: tzinfo, *, now: datetime) -> str:
    """The time in the viewer's zone, with the date when it is not today."""
    local = moment.astimezone(zone)
    is_today = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M:%S}" if is_today else f"{local:%d %b %Y %H:%M}"


def percent(ratio: float | None, digits: int = 1) -> str:
    return UNKNOWN if ratio is None else f"{ratio:.{digits}%}"


def milliseconds(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value / 1000:,.2f} s" if value >= 1000 else f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


def size(value: float | None, suffix: str = "") -> str:
    """Bytes in binary units."""
    if value is None:
        return UNKNOWN
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(value) < 1024:
            return f"{value:,.0f} {unit}{suffix}" if unit == "B" else f"{value:,.1f} {unit}{suffix}"
        value /= 1024
    return f"{value:,.1f} TiB{suffix}"

"""What figures of a host mean: rates between two counters, and whether it still reports."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

EVERY = timedelta(seconds=10)
LATE, GONE = timedelta(seconds=30), timedelta(seconds=90)

State = Literal["reporting", "late", "silent"]


def rate(before: float | None, after: float | None, seconds: float) -> float | None:
    """Per second; None without a counter before, or when the counter began again (a restart)."""
    if before is None or after is None or seconds <= 0 or after < before:
        return None
    return (after - before) / seconds


def busy_ratio(before: Mapping[str, float], after: Mapping[str, float]) -> float:
    """The share of time a core was neither idle nor waiting for a disk, between two readings of its seconds by state."""
    idle = sum(after.get(name, 0.0) - before.get(name, 0.0) for name in ("idle", "iowait"))
    # Guests are counted in `user` as well.
    total = sum(after[name] - before.get(name, 0.0) for name in after if not name.startswith("guest"))
    return min(max(1 - idle / total, 0.0), 1.0) if total > 0 else 0.0


def state_of(last_seen_at: datetime, now: datetime, *, is_demo: bool = False) -> State:
    """A host reports every 10 s; three missing reports make it late, nine silent. A demo host never reports."""
    age = now - last_seen_at
    if is_demo:
        return "silent"
    if age <= LATE:
        return "reporting"
    return "late" if age <= GONE else "silent"

"""What a heartbeat says of its process."""

from datetime import timedelta
from typing import Literal

State = Literal["leads", "stands by", "works", "silent", "stopped"]
LONGEST_SILENCE = timedelta(seconds=12)  # four heartbeats


def state_of(kind: str, *, silent_for: timedelta, is_leader: bool, is_stopped: bool) -> State:
    """`stopped` is on purpose, `silent` is not."""
    if is_stopped:
        return "stopped"
    if silent_for > LONGEST_SILENCE:
        return "silent"
    if kind == "worker":
        return "works"
    return "leads" if is_leader else "stands by"


def span(duration: timedelta) -> str:
    """`12 ms`, `3.4 s`, `5 min`, `2 h`, `3 d`: as much as one needs to know."""
    seconds = duration.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    for size, unit, limit in ((60, "min", 60), (3600, "h", 48)):
        if seconds < size * limit:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds / 86_400:.0f} d"

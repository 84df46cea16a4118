"""What makes a component healthy, and the whole. Limits after iris section 4.1."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Status = Literal["healthy", "degraded", "down", "not_configured", "unknown"]
STATUSES: tuple[Status, ...] = ("healthy", "degraded", "down", "not_configured", "unknown")

ROUND = timedelta(seconds=30)
STALE = timedelta(seconds=90)  # three rounds without a check: nobody looks
DATABASE_LIMIT_MS, REDIS_LIMIT_MS, NATS_LIMIT_MS, MAIL_LIMIT_MS = 100, 50, 50, 2_000
BEAT_LATE, BEAT_GONE = timedelta(seconds=10), timedelta(seconds=25)  # processes beat every 3 s
WAIT_LATE, WAIT_LOST = timedelta(seconds=60), timedelta(minutes=5)
DEPTH_HIGH = 1_000
DISK_FILLING, DISK_FULL = 0.85, 0.95
AVAILABILITY_GOAL = 0.999


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `detail` is one sentence for people."""

    status: Status
    detail: str
    latency_ms: float | None = None


def by_latency(latency_ms: float, limit_ms: float) -> Finding:
    """Healthy under the limit, else degraded (iris section 4.1)."""
    slow = latency_ms >= limit_ms
    detail = f"Answers in {latency_ms:.1f} ms" + (f", over the limit of {limit_ms:g} ms." if slow else ".")
    return Finding("degraded" if slow else "healthy", detail, latency_ms)


def by_beat(process: str, running: int, age: timedelta | None) -> Finding:
    """Of the freshest heartbeat; `age` is None when no process runs."""
    if age is None:
        return Finding("down", f"No {process} runs.")
    seconds = f"{age.total_seconds():.0f} s"
    if age > BEAT_GONE:
        return Finding("down", f"No {process} runs: the last heartbeat is {seconds} old.")
    if age > BEAT_LATE:
        return Finding("degraded", f"The last heartbeat is {seconds} old.")
    return Finding("healthy", f"{running} running, last heartbeat {seconds} ago.")


def by_queue(depth: int, oldest: timedelta | None) -> Finding:
    """Of how many jobs are due and wait, and how long the oldest does."""
    waited = oldest or timedelta()
    detail = f"{depth:,} waiting" + (f", the oldest for {waited.total_seconds():.0f} s." if depth else ".")
    if waited > WAIT_LOST:
        return Finding("down", detail)
    return Finding("degraded" if waited > WAIT_LATE or depth > DEPTH_HIGH else "healthy", detail)


def by_disk(used_ratio: float, free_bytes: int) -> Finding:
    """Of the disk that holds the portal's data."""
    detail = f"{used_ratio:.0%} used, {free_bytes / 2**30:,.1f} GiB free."
    if used_ratio >= DISK_FULL:
        return Finding("down", detail)
    return Finding("degraded" if used_ratio >= DISK_FILLING else "healthy", detail)


def as_of(finding: Finding, at: datetime | None, now: datetime) -> Finding:
    """What an older finding says now: unknown when nobody looked for 90 s, or ever."""
    if at is None:
        return Finding("unknown", "Never checked.")
    if now - at > STALE:
        return Finding("unknown", f"Not checked since; it was {finding.status.replace('_', ' ')} then.")
    return finding


def overall(statuses: Iterable[Status]) -> Status:
    """The worst of them (iris section 4.1); what is unknown or not configured does not count, nothing known is unknown."""
    known = set(statuses)
    return next((status for status in ("down", "degraded", "healthy") if status in known), "unknown")


@dataclass(frozen=True, slots=True)
class Availability:
    """A time's checks. `available_ratio` is of what was observed, None without observation."""

    observed_ratio: float
    available_ratio: float | None
    status: Status


def availability(checks: Mapping[str, int], length: timedelta) -> Availability:
    """Of the number of rounds by overall status, where one is due every 30 s.

    Degraded counts as available. Down below 99 %, degraded below the goal or with a tenth of the rounds degraded.
    """
    seen = sum(checks.get(status, 0) for status in ("healthy", "degraded", "down"))
    planned = max(length / ROUND, 1.0)
    if not seen:
        return Availability(0.0, None, "unknown")
    available = 1 - checks.get("down", 0) / seen
    slow = checks.get("degraded", 0) / seen
    if available < 0.99:
        status: Status = "down"
    else:
        status = "degraded" if available < AVAILABILITY_GOAL or slow > 0.1 else "healthy"
    return Availability(min(seen / planned, 1.0), available, status)

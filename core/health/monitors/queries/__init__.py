"""Reads of monitors, their courses, and the checker."""

from core.health.monitors.queries.figures import Availability, availabilities, availability
from core.health.monitors.queries.histories import Checker, changes, checker, checks, course, incidents
from core.health.monitors.queries.lists import (
    Filters,
    count,
    current,
    directory,
    listing,
    names,
    one,
    search,
    tags,
)
from core.health.monitors.queries.states import counts, state_of


def push_path(token: str) -> str:
    """Where a push monitor is called, below the portal's own address."""
    return f"/api/push/{token}"


__all__ = [
    "Availability",
    "Checker",
    "Filters",
    "availabilities",
    "availability",
    "changes",
    "checker",
    "checks",
    "count",
    "counts",
    "course",
    "current",
    "directory",
    "incidents",
    "listing",
    "names",
    "one",
    "push_path",
    "search",
    "state_of",
    "tags",
]

"""Reads of webhooks, their deliveries and attempts."""

from core.platform.webhooks.queries.deliveries import (
    DeliveryFilters,
    attempts,
    deliveries,
    delivery,
    replay_preview,
    tests,
    waiting_count,
)
from core.platform.webhooks.queries.endpoints import (
    STATES,
    Filters,
    count,
    directory,
    health,
    in_trouble,
    listing,
    names,
    one,
    search,
)

__all__ = [
    "STATES",
    "DeliveryFilters",
    "Filters",
    "attempts",
    "count",
    "deliveries",
    "delivery",
    "directory",
    "health",
    "in_trouble",
    "listing",
    "names",
    "one",
    "replay_preview",
    "search",
    "tests",
    "waiting_count",
]

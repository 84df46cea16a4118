"""Reads of feature flags."""

from core.platform.flags.evaluating import Status
from core.platform.flags.evaluating import own as _own
from core.platform.flags.models import ENVIRONMENTS, KINDS, UNITS
from core.platform.flags.queries.adoption import adoption, adoption_overview, stale
from core.platform.flags.queries.audience import explain, what_has, who_has, who_has_counts
from core.platform.flags.queries.directory import (
    STATES,
    Filters,
    by_key,
    count,
    directory,
    environments,
    one,
    overrides,
    owners,
    segments,
)
from core.platform.flags.queries.guardrails import guardrail_metrics, guardrail_readings
from core.platform.flags.queries.review import change, changes, history, waiting

__all__ = [
    "ENVIRONMENTS", "KINDS", "STATES", "UNITS", "Filters", "Status", "adoption", "adoption_overview", "by_key", "change",
    "changes", "count", "directory", "environments", "explain", "freshness", "guardrail_metrics", "guardrail_readings",
    "history", "one", "overrides", "owners", "segments", "stale", "waiting", "what_has", "who_has", "who_has_counts",
]  # fmt: skip


def freshness() -> Status:
    """How fresh the flags of this process are."""
    return _own().status()

"""Reads of alerts, rules and silences."""

from core.health.alerts.queries.course import series_of
from core.health.alerts.queries.inbox import (
    Counts,
    Filters,
    areas,
    counts,
    firing,
    history,
    inbox,
    listing,
    one,
    to_tell,
)
from core.health.alerts.queries.rules import conditions, one_rule, one_silence, rules, silences

__all__ = [
    "Counts", "Filters", "areas", "conditions", "counts", "firing", "history", "inbox", "listing", "one", "one_rule",
    "one_silence", "rules", "series_of", "silences", "to_tell",
]  # fmt: skip

"""Running totals turned into what was added: cumulative streams, their restarts, repeats and points out of order.

Source: the OpenTelemetry metrics data model, "Temporality" and "Resets and Gaps". A stream is one writer's series since
one start; a restart is another stream, and so is another process that writes the same series.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.health.otlp.histograms import Buckets, Explicit

# The first point of a stream counts whole when all of it is as new as this: the first export of a new process.
FRESH = timedelta(minutes=10)
# How long the last point of a stream is remembered after it was seen.
REMEMBERED = timedelta(days=30)
NO_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Total:
    """What a stream said at a moment: its running total, and of a distribution the counts (then `value` is the sum).

    `value` is None for a distribution without a sum.
    """

    at: datetime
    value: Decimal | None
    buckets: Buckets | None = None

    @property
    def count(self) -> int:
        return self.buckets.count if self.buckets else 0


@dataclass(frozen=True, slots=True)
class Added:
    """What came since the point before: `value` of a number or the sum of a distribution, and how it is distributed."""

    value: Decimal | None
    buckets: Buckets | None = None


def added(earlier: Total | None, now: Total, *, start_at: datetime, known_since: datetime | None) -> Added | None:
    """What the point adds to what is counted; None when that is not known or nothing (a repeat, one out of order).

    `earlier` is the last point of the stream; `known_since` is when the series was first seen, from any writer.
    """
    if earlier is None:
        counts = _is_all_new(start_at, now.at, known_since)
        return Added(now.value, now.buckets) if counts else None
    if now.at <= earlier.at:
        return None
    return _difference(earlier, now)


def _is_all_new(start_at: datetime, at: datetime, known_since: datetime | None) -> bool:
    """Whether nothing of a first point was ever counted and all of it belongs to now.

    So it is right after the start; and when the series was known before, for it would have been seen before, too. The
    total of an old stream that was never seen is where counting begins.
    """
    if start_at == NO_START:
        return False
    age = at - start_at
    return age <= FRESH or (known_since is not None and known_since <= start_at and age <= REMEMBERED)


def _difference(earlier: Total, now: Total) -> Added:
    """A total that fell was begun anew without saying so: all of it is new, as Prometheus counts resets."""
    if now.buckets is None:
        assert now.value is not None and earlier.value is not None
        return Added(now.value if now.value < earlier.value else now.value - earlier.value)
    if now.count < earlier.count:
        return Added(now.value, now.buckets)
    value = None if now.value is None or earlier.value is None else now.value - earlier.value
    since = now.buckets.since(earlier.buckets) if earlier.buckets else now.buckets
    # Other bounds than before: how many and how much is still sure, how it is distributed is not.
    return Added(value, since or Explicit((), (now.count - earlier.count,)))

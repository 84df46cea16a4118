"""The distributions that data points of OTLP hold, and what of them contradicts itself."""

import math
from decimal import Decimal
from itertools import pairwise
from typing import Any

from core.health.otlp.histograms import MAX_BUCKETS, Buckets, Explicit, Exponential


class Refused(Exception):
    """A data point that cannot be kept; the message says why."""


def finite(value: float) -> Decimal:
    if not math.isfinite(value):
        raise Refused("The value is not a number, or infinite.")
    return Decimal(repr(value))


def as_float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def sum_of(kind: str, point: Any) -> Decimal | None:
    return finite(point.sum) if kind == "summary" or point.HasField("sum") else None


def bound(point: Any, name: str) -> float | None:
    found = float(getattr(point, name)) if point.HasField(name) else None
    return found if found is not None and math.isfinite(found) else None


def buckets_of(kind: str, point: Any) -> Buckets:
    """Raises Refused for counts that contradict each other."""
    buckets = _exponential(point) if kind == "exponential_histogram" else _explicit(kind, point)
    if buckets.count != point.count:
        raise Refused("The counts of its buckets do not add up to its count.")
    return buckets


def _explicit(kind: str, point: Any) -> Explicit:
    if kind == "summary" or not point.bucket_counts:
        return Explicit((), (point.count,))
    bounds, counts = tuple(point.explicit_bounds), tuple(point.bucket_counts)
    if len(counts) != len(bounds) + 1 or len(counts) > MAX_BUCKETS:
        raise Refused(f"It must have one more bucket than bounds, and {MAX_BUCKETS:,} at most.")
    ascend = all(one < other for one, other in pairwise(bounds))
    if not ascend or not all(map(math.isfinite, bounds)):
        raise Refused("The bounds of its buckets must be numbers that ascend.")
    return Explicit(bounds, counts)


def _exponential(point: Any) -> Exponential:
    sides = (point.positive, point.negative)
    if max(len(side.bucket_counts) for side in sides) > MAX_BUCKETS:
        raise Refused(f"It may have {MAX_BUCKETS:,} buckets on each side.")
    if not 0 <= point.zero_threshold < math.inf:
        raise Refused("The threshold of its zero bucket must be a number from 0.")
    positive, negative = (
        {side.offset + place: count for place, count in enumerate(side.bucket_counts) if count} for side in sides
    )
    found = Exponential(point.scale, point.zero_count, point.zero_threshold, positive, negative)
    try:
        found.spans()
    except OverflowError:
        raise Refused("One of its buckets lies beyond what a number can hold.") from None
    return found

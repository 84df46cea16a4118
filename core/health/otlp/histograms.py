"""Distributions as OpenTelemetry reports them: what was added since an earlier one, and the rows that stand for them.

Source: the OpenTelemetry metrics data model, "Histogram" and "ExponentialHistogram": a bucket covers (lower, upper].
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = tuple[float, int]
MAX_BUCKETS = 1_000


@dataclass(frozen=True, slots=True)
class Span:
    """`count` values that lie from `low` to `high`; either may be infinite."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Explicit:
    """Counts between bounds: one more count than bounds. Without any bound, just a count (a summary)."""

    bounds: tuple[float, ...]
    counts: tuple[int, ...]

    @property
    def count(self) -> int:
        return sum(self.counts)

    def since(self, earlier: "Buckets") -> "Explicit | None":
        """What was added; None when the two do not compare."""
        if not isinstance(earlier, Explicit) or earlier.bounds != self.bounds:
            return None
        added = tuple(now - then for now, then in zip(self.counts, earlier.counts, strict=True))
        return Explicit(self.bounds, added) if min(added) >= 0 else None

    def spans(self) -> list[Span]:
        """The buckets that are not empty, lowest first."""
        edges = [-math.inf, *self.bounds, math.inf]
        return [Span(edges[place], edges[place + 1], count) for place, count in enumerate(self.counts) if count]

    def state(self) -> dict[str, Any]:
        return {"bounds": list(self.bounds), "counts": list(self.counts)}


@dataclass(frozen=True, slots=True)
class Exponential:
    """Counts by bucket: number i holds (base^i, base^(i+1)] where base = 2^(2^-scale); `zero` is what is near 0."""

    scale: int
    zero: int
    threshold: float
    positive: Mapping[int, int]
    negative: Mapping[int, int]

    @property
    def count(self) -> int:
        return self.zero + sum(self.positive.values()) + sum(self.negative.values())

    def coarser(self, scale: int) -> "Exponential":
        """The same with fewer and wider buckets; `scale` is not above the present one."""
        shift = self.scale - scale
        return Exponential(
            scale, self.zero, self.threshold, _shifted(self.positive, shift), _shifted(self.negative, shift)
        )

    def since(self, earlier: "Buckets") -> "Exponential | None":
        """What was added; None when the two do not compare."""
        if not isinstance(earlier, Exponential) or earlier.scale < self.scale or earlier.threshold != self.threshold:
            return None
        then = earlier.coarser(self.scale)
        positive, negative = _less(self.positive, then.positive), _less(self.negative, then.negative)
        zero = self.zero - then.zero
        if min(zero, *positive.values(), *negative.values()) < 0:
            return None
        return Exponential(self.scale, zero, self.threshold, positive, negative)

    def spans(self) -> list[Span]:
        """The buckets that are not empty, lowest first. Raises OverflowError for one that no number lies in."""
        below = [
            Span(-self._edge(place + 1), -self._edge(place), self.negative[place]) for place in sorted(self.negative)
        ]
        near = [Span(-self.threshold, self.threshold, self.zero)]
        above = [
            Span(self._edge(place), self._edge(place + 1), self.positive[place]) for place in sorted(self.positive)
        ]
        return [span for span in (*reversed(below), *near, *above) if span.count]

    def _edge(self, place: int) -> float:
        return math.pow(2.0, math.ldexp(place, -self.scale))

    def state(self) -> dict[str, Any]:
        sides = {
            name: sorted(side.items()) for name, side in (("positive", self.positive), ("negative", self.negative))
        }
        return {"scale": self.scale, "zero": self.zero, "threshold": self.threshold, **sides}


Buckets = Explicit | Exponential


def from_state(state: Mapping[str, Any]) -> Buckets:
    """What `state()` gave."""
    if "bounds" in state:
        return Explicit(tuple(state["bounds"]), tuple(state["counts"]))
    sides = [{int(place): int(count) for place, count in state[name]} for name in ("positive", "negative")]
    return Exponential(state["scale"], state["zero"], state["threshold"], *sides)


def _shifted(side: Mapping[int, int], shift: int) -> dict[int, int]:
    made: dict[int, int] = {}
    for place, count in side.items():
        made[place >> shift] = made.get(place >> shift, 0) + count
    return made


def _less(now: Mapping[int, int], then: Mapping[int, int]) -> dict[int, int]:
    return {place: now.get(place, 0) - then.get(place, 0) for place in {*now, *then}}


def rows_of(
    spans: Sequence[Span], total: float | None, *, low: float | None = None, high: float | None = None
) -> list[Row]:
    """Rows of (value, count) that stand for a distribution: every bucket keeps its count, the values their sum.

    `total` is the sum of the values, `low` and `high` are the least and the greatest of them, where they are known. Each
    value lies in its bucket, and values add up to `total` (to within rounding) unless it contradicts the buckets.
    """
    left = [_bounded(span, low, high) for span in spans]
    rows, left = _ends(left, low, high)
    if left:
        rest = None if total is None else total - sum(value * count for value, count in rows)
        rows += _fitted(left, rest)
    return rows


def _bounded(span: Span, low: float | None, high: float | None) -> Span:
    """A first bucket that ends above 0 is taken to begin there: negative values have buckets of their own."""
    begin = 0.0 if math.isinf(span.low) and 0 < span.high < math.inf else span.low
    bottom = begin if low is None else max(span.low, min(low, span.high))
    top = span.high if high is None else min(span.high, max(high, span.low))
    return Span(bottom, max(top, bottom), span.count)


def _ends(spans: list[Span], low: float | None, high: float | None) -> tuple[list[Row], list[Span]]:
    """The least and the greatest value as rows of their own, and the buckets without them."""
    rows, left = [], list(spans)
    for place, value in ((0, low), (-1, high)):
        if value is not None and left:
            span = left[place]
            rows.append((value, 1))
            left[place : place + 1 or None] = [Span(span.low, span.high, span.count - 1)] if span.count > 1 else []
    return rows, left


def _fitted(spans: Sequence[Span], total: float | None) -> list[Row]:
    """From the middle of each bucket all values move the same share of their way to its end, until they add up."""
    values = [_middle(span) for span in spans]
    if total is None:
        return [(value, span.count) for value, span in zip(values, spans, strict=True)]
    missing = total - math.fsum(value * span.count for value, span in zip(values, spans, strict=True))
    ends = [span.high if missing > 0 else span.low for span in spans]
    rooms = [(end - value) * span.count for end, value, span in zip(ends, values, spans, strict=True)]
    share = _share(missing, math.fsum(room for room in rooms if math.isfinite(room)))
    moved = [
        value + (end - value) * share if math.isfinite(end) else value for value, end in zip(values, ends, strict=True)
    ]
    return _settled(spans, moved, ends, total)


def _share(missing: float, room: float) -> float:
    return min(missing / room, 1.0) if room else 0.0


def _settled(spans: Sequence[Span], values: list[float], ends: Sequence[float], total: float) -> list[Row]:
    """What is still missing goes to the bucket without an end."""
    missing = total - math.fsum(value * span.count for value, span in zip(values, spans, strict=True))
    for place, end in enumerate(ends):
        if math.isinf(end) and (missing > 0) == (end > 0):
            values[place] += missing / spans[place].count
            break
    return [(value, span.count) for value, span in zip(values, spans, strict=True)]


def _middle(span: Span) -> float:
    """Where a bucket has one end only, that end; 0 where it has none."""
    if math.isinf(span.low) and math.isinf(span.high):
        return 0.0
    if math.isinf(span.low):
        return span.high
    return span.low if math.isinf(span.high) else (span.low + span.high) / 2

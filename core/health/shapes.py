"""Durations of the demo data: lognormal, as a sketch without drawing each of them, or drawn."""

import math
from random import Random
from typing import Any

from core.kernel.sketch import key_of, value_of

# How a lognormal distribution lies over its own standard deviations: (deviations from the median, share).
_SHAPE = ((-1.6, 0.10), (-0.8, 0.22), (-0.25, 0.20), (0.25, 0.20), (0.8, 0.15), (1.4, 0.08), (2.0, 0.035), (2.6, 0.015))


def times(random: Random, mean: float) -> int:
    """How often something of that mean happens."""
    return max(round(random.gauss(mean, math.sqrt(mean))), 0)


def drawn(random: Random, count: int, median: float, spread: float) -> list[float]:
    """That many durations, each by itself."""
    return [random.lognormvariate(math.log(median), spread) for _ in range(count)]


def shaped(total: int, median: float, spread: float) -> tuple[list[int], list[int]]:
    """A sketch of `total` durations without drawing each of them."""
    counts: dict[int, int] = {}
    for place, (deviations, share) in enumerate(_SHAPE):
        left = total - sum(counts.values())
        held = left if place == len(_SHAPE) - 1 else min(round(total * share), left)
        key = key_of(median * math.exp(deviations * spread))
        counts[key] = counts.get(key, 0) + held
    keys = sorted(key for key, count in counts.items() if count)
    return keys, [counts[key] for key in keys]


def measured(sketch: tuple[list[int], list[int]]) -> dict[str, Any]:
    """The columns that a rollup has of the durations of a sketch; those of no duration for an empty one."""
    keys, counts = sketch
    values = [round(value_of(key), 3) for key in keys]
    total = sum(value * count for value, count in zip(values, counts, strict=True))
    return {
        "timed": sum(counts), "duration_ms_sum": round(total, 3), "duration_ms_max": values[-1] if values else None,
        "duration_ms_min": values[0] if values else None, "sketch_keys": keys, "sketch_counts": counts,
    }  # fmt: skip

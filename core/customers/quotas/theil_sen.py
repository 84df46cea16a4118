"""The robust line through points: Theil 1950 and Sen 1968 (JASA 63, 1379). Up to 29 % of the points may be wild. Pure."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Z = 1.2816  # two-sided 80 %


@dataclass(frozen=True, slots=True)
class Line:
    """`slope` per unit of x, between `low` and `high` with 80 % confidence."""

    slope: float
    low: float
    high: float


def line(x: Floats, y: Floats) -> Line:
    """Needs two different x at least. The interval is Sen's, from the distribution of Kendall's tau."""
    first, second = np.triu_indices(len(x), 1)
    apart = x[second] - x[first]
    slopes = np.sort((y[second] - y[first])[apart != 0] / apart[apart != 0])
    return Line(float(np.median(slopes)), *_interval(slopes, len(x)))


def _interval(slopes: Floats, count: int) -> tuple[float, float]:
    spread = Z * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low = max(math.floor((len(slopes) - spread) / 2), 0)
    high = min(math.ceil((len(slopes) + spread) / 2), len(slopes) - 1)
    return float(slopes[low]), float(slopes[high])


def robust_spread(residuals: Floats) -> float:
    """The standard deviation that a normal distribution with this median absolute deviation has."""
    return 1.4826 * float(np.median(np.abs(residuals - np.median(residuals)))) if len(residuals) else 0.0

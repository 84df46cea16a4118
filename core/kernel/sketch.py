"""A mergeable sketch of a distribution: counts in logarithmic buckets, so that any two sketches add up.

After DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch", VLDB 2019): a value lies in the
bucket `ceil(log_gamma(value))`, and every value of a bucket is within ACCURACY of the one that stands for it.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, Float, case, func

ACCURACY = 0.01
GAMMA = (1 + ACCURACY) / (1 - ACCURACY)
LOG_GAMMA = math.log(GAMMA)
SMALLEST, LARGEST = 1e-3, 1e12  # what is beyond counts as the bound; for milliseconds, a microsecond and 31 years


def key_of(value: float) -> int:
    """The bucket of a value."""
    return math.ceil(math.log(min(max(value, SMALLEST), LARGEST)) / LOG_GAMMA)


def value_of(key: float) -> float:
    """What stands for a bucket: within ACCURACY of each of its values."""
    return 2 * math.exp(key * LOG_GAMMA) / (GAMMA + 1)


def sketch_of(values: Iterable[float]) -> tuple[list[int], list[int]]:
    """Keys in ascending order, and how many values each bucket has."""
    counts = Counter(key_of(value) for value in values)
    keys = sorted(counts)
    return keys, [counts[key] for key in keys]


def quantile(counts: Mapping[int, int], q: float) -> float | None:
    """The value below which a share `q` of the values lies (nearest rank, as PERCENTILE_DISC); None without values."""
    wanted, below = q * sum(counts.values()), 0
    for key in sorted(counts):
        below += counts[key]
        if below >= wanted:
            return value_of(key)
    return None


def key_sql(column: str) -> str:
    """`key_of` as SQL text over a numeric column; NULL stays NULL."""
    bounded = f"least(greatest({column}::float8, {SMALLEST!r}), {LARGEST!r})"
    return f"CASE WHEN {column} IS NOT NULL THEN ceil(ln({bounded}) / {LOG_GAMMA!r})::smallint END"


def value_sql(key: ColumnElement[int]) -> ColumnElement[float]:
    """`value_of` as an SQL expression."""
    return case((key.is_not(None), 2 * func.exp(key * LOG_GAMMA, type_=Float) / (GAMMA + 1)))

"""What says of each value whether it is outside: the product's bands, and thresholds learnt on the probation part."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.anomaly.series import STEP, Series
from core.health.anomaly.bands import SENSITIVITY, bands

Outside = NDArray[np.bool_]
Detector = Callable[[Series, float], Outside]


def product(series: Series, sensitivity: float) -> Outside:
    """Bands as the portal draws them."""
    judged = bands(list(series.values.index), list(series.values), step=STEP, sensitivity=sensitivity)
    return np.asarray(judged["score"].abs() > 1)


def sigma(series: Series, factor: float) -> Outside:
    """Mean and so many standard deviations."""
    learnt = series.values.iloc[: series.learnt]
    return np.asarray((series.values - learnt.mean()).abs() > factor * learnt.std())


def quantile(series: Series, share: float) -> Outside:
    """Above the quantile of that share, or below that of the rest; 1 is the highest and lowest value seen."""
    learnt = series.values.iloc[: series.learnt]
    low, high = learnt.quantile(1 - share), learnt.quantile(share)
    return np.asarray((series.values > high) | (series.values < low))


# The stated setting of each, and the settings that the sweep tries.
SETTINGS: dict[str, tuple[Detector, float, tuple[float, ...]]] = {
    "bands": (product, SENSITIVITY, (1.5, 1.75, 2, 2.25, 2.5, 2.75, 3, 3.5, 4)),
    "mean+3 sigma": (sigma, 3, (2, 2.5, 3, 3.5, 4, 5, 6, 8)),
    "quantile 0.999": (quantile, 0.999, (0.98, 0.99, 0.995, 0.998, 0.999, 1.0)),
}

"""Burn rates of an error budget over several windows.

After Google, "The Site Reliability Workbook" (2018), chapter 5 "Alerting on SLOs", section 6 (multiwindow, multi-burn-rate
alerts) and its table 5-8: a short window of a twelfth of the long one ends the alert soon after the burning does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HOUR, DAY = 3_600, 86_400
MONTH = 30 * DAY  # the time over which an objective holds


@dataclass(frozen=True, slots=True)
class Pair:
    """Fires while the budget burns faster than `rate` over both windows; lengths in seconds."""

    long_s: int
    short_s: int
    rate: float


PAGE = (Pair(HOUR, 300, 14.4), Pair(6 * HOUR, 1_800, 6.0))
TICKET = (Pair(DAY, 2 * HOUR, 3.0), Pair(3 * DAY, 6 * HOUR, 1.0))


def burn_rate(error_ratio: float, objective: float) -> float:
    """How many times faster than it may the budget burns; 1 uses it up exactly at the end of its period."""
    return error_ratio / (1 - objective)


def error_ratio_at(rate: float, objective: float) -> float:
    """The share of errors at which the budget burns at this rate."""
    return rate * (1 - objective)


def budget_spent(rate: float, seconds: float, *, period_s: float = MONTH) -> float:
    """The share of the whole budget that burning at this rate for so long uses up."""
    return rate * seconds / period_s


def pairs_of(settings: dict[str, Any]) -> tuple[Pair, ...]:
    """The pairs of a rule's settings, in their order."""
    windows: Sequence[dict[str, Any]] = settings["windows"]
    return tuple(Pair(int(one["long_s"]), int(one["short_s"]), float(one["rate"])) for one in windows)


def as_settings(pairs: Sequence[Pair], objective: float) -> dict[str, Any]:
    """What a rule stores."""
    return {
        "objective": objective,
        "windows": [{"long_s": one.long_s, "short_s": one.short_s, "rate": one.rate} for one in pairs],
    }

"""Alarms of one policy, and how good they are."""

from collections.abc import Iterable
from dataclasses import dataclass

from bench.anomaly.detectors import Outside
from bench.anomaly.series import Series
from core.health.anomaly.spans import runs

FOR_POINTS = (1, 3)  # an alarm at the first value outside, or at the third in a row
COOL_DOWN = 72  # what follows within 6 h belongs to it


@dataclass(frozen=True, slots=True)
class Score:
    """`found` of `windows` with an alarm in them; `false` alarms outside of any, in `weeks`.

    A window counts once, however many alarms are in it, and so does what it adds to precision.
    """

    found: int = 0
    windows: int = 0
    false: int = 0
    weeks: float = 0.0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.found + other.found, self.windows + other.windows, self.false + other.false, self.weeks + other.weeks
        )

    @property
    def recall(self) -> float | None:
        return self.found / self.windows if self.windows else None

    @property
    def precision(self) -> float | None:
        return self.found / (self.found + self.false) if self.found + self.false else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of both; None where there is nothing to find."""
        return 2 * self.found / (self.found + self.false + self.windows) if self.windows else None

    @property
    def false_a_week(self) -> float:
        return self.false / self.weeks

    def __str__(self) -> str:
        shares = ((self.precision, "P"), (self.recall, "R"), (self.f1, "F1"))
        told = " ".join(f"{name} {'–' if share is None else f'{share:.2f}'}" for share, name in shares)
        return f"{told}, {self.false_a_week:.2f} false a week"


def score(series: Series, outside: Outside, for_points: int) -> Score:
    """How good one detector is on one series, after the probation part."""
    judged = outside.copy()
    judged[: series.learnt] = False
    fired = [series.values.index[first + for_points - 1] for first, _ in _alarms(judged, for_points)]
    found = sum(any(begin <= at <= end for at in fired) for begin, end in series.windows)
    false = sum(not any(begin <= at <= end for begin, end in series.windows) for at in fired)
    return Score(found, len(series.windows), false, series.weeks)


def _alarms(outside: Outside, for_points: int) -> list[tuple[int, int]]:
    return runs(outside, for_points=for_points, cool_down=COOL_DOWN)


def total(scores: Iterable[Score]) -> Score:
    return sum(scores, Score())

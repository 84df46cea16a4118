"""What kind of days the demo data are of, and which times they cover."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

DAYS, HOUR, MINUTE = 90, timedelta(hours=1), timedelta(minutes=1)
MINUTES_FOR, ROWS_FOR = timedelta(hours=24), timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Times:
    """Hours for 90 days, then minutes, then single rows from `rows_from` to `now`."""

    hours: list[datetime]
    minutes: list[datetime]
    rows_from: datetime
    now: datetime

    @classmethod
    def up_to(cls, now: datetime) -> "Times":
        rows_from = (now - ROWS_FOR).replace(second=0, microsecond=0)
        minutes_from = (now - MINUTES_FOR).replace(minute=0, second=0, microsecond=0)
        begin = minutes_from.replace(hour=0) - timedelta(days=DAYS - 1)
        return cls(
            list(steps(begin, minutes_from, HOUR)), list(steps(minutes_from, rows_from, MINUTE)), rows_from, now
        )  # fmt: skip

    @property
    def last_minutes(self) -> Iterator[datetime]:
        """The minutes of the single rows."""
        return steps(self.rows_from, self.now, MINUTE)


def steps(begin: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += step


class Weather:
    """What kind of day each was: `down` and `slow` are shares of an hour, `is_dark` is an hour nobody watched."""

    def __init__(self, random: Random, now: datetime) -> None:
        outage, brownout, slow, dark, blip = random.sample(range(3, DAYS - 3), 5)
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self._down = {(outage, 13): 0.7, (outage, 14): 0.45, (blip, 9): 0.06}
        self._slow = {(brownout, hour): 0.8 for hour in range(8, 15)} | {(slow, hour): 0.5 for hour in range(10, 18)}
        self._dark = {(dark, hour) for hour in range(7)}
        self._today = today

    def _place(self, at: datetime) -> tuple[int, int]:
        return math.ceil((self._today - at) / timedelta(days=1)), at.hour

    def down(self, at: datetime) -> float:
        return self._down.get(self._place(at), 0.0)

    def slow(self, at: datetime) -> float:
        return self._slow.get(self._place(at), 0.0)

    def is_dark(self, at: datetime) -> bool:
        return self._place(at) in self._dark


def busy(at: datetime) -> float:
    """How busy a moment is, from 0.15 at night to 1 at noon (UTC)."""
    day = math.exp(-(((at.hour + at.minute / 60) - 12) ** 2) / 22)
    return 0.15 + 0.85 * day * (0.25 if at.weekday() >= 5 else 1.0)

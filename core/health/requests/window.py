"""Which table of a rollup answers for a time, in which whole buckets."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.kernel.models import Base
from core.kernel.rollups import GRAINS, Grain, Rollup, grain_for

WIDTH: dict[Grain, timedelta] = {
    "minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` to `until` (UTC, exclusive), in whole buckets of a grain."""

    since: datetime
    until: datetime
    grain: Grain

    @property
    def step(self) -> timedelta:
        return WIDTH[self.grain]

    @property
    def before(self) -> "Window":
        """The same length of time right before, to compare with."""
        return Window(self.since - (self.until - self.since), self.since, self.grain)

    @property
    def buckets(self) -> list[datetime]:
        """The start of each bucket, oldest first."""
        count = (self.until - self.since) // self.step
        return [self.since + place * self.step for place in range(count)]

    @property
    def parts(self) -> list["Window"]:
        """The same time in as few buckets as can be: of hours, the full days among them as days."""
        first, last = floor(self.since + WIDTH["day"] - timedelta(microseconds=1), "day"), floor(self.until, "day")
        if self.grain != "hour" or first >= last:
            return [self]
        edges = [Window(self.since, first, "hour"), Window(last, self.until, "hour")]
        return [Window(first, last, "day"), *(edge for edge in edges if edge.since < edge.until)]

    def model(self, rollup: Rollup) -> type[Base]:
        return rollup.model(self.grain)


def window(rollup: Rollup, since: datetime, until: datetime, *, now: datetime) -> Window:
    """The time in whole buckets: widened where it begins or ends within one.

    The grain is the one for the length of time (core.kernel.rollups.grain_for), or the next coarser one where buckets of
    that age are not kept any more.
    """
    place = GRAINS.index(grain_for(since, until))
    while place < 2 and since < now - timedelta(days=rollup.kept_days.get(GRAINS[place], 36_500)):
        place += 1
    grain = GRAINS[place]
    begin, end = floor(since, grain), floor(until, grain)
    return Window(begin, end if end == until else end + WIDTH[grain], grain)


def floor(moment: datetime, grain: Grain) -> datetime:
    """The start of the bucket that holds the moment."""
    begun = moment.astimezone(UTC).replace(second=0, microsecond=0)
    if grain == "minute":
        return begun
    return begun.replace(minute=0) if grain == "hour" else begun.replace(hour=0, minute=0)

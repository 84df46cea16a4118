"""The time of an incident in as few buckets of the rollups as can be. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.health.requests.window import WIDTH, floor
from core.kernel.rollups import GRAINS, Grain

_JUST = timedelta(microseconds=1)
# Minutes of a tenant's requests are kept for 7 days (core/health/requests/models.py); a bit less, because the oldest day goes
# while the clock goes on.
MINUTES_KEPT = timedelta(days=6, hours=12)


@dataclass(frozen=True, slots=True)
class Part:
    """From `since` to `until` (UTC, exclusive) in whole buckets of a grain."""

    grain: Grain
    since: datetime
    until: datetime


def parts(since: datetime, until: datetime, *, now: datetime) -> list[Part]:
    """The buckets that hold the time: whole minutes at its edges, hours and days between them. Where minutes are no longer
    kept, whole hours at the edges. Together they cover the time without overlap."""
    finest: Grain = "minute" if since >= now - MINUTES_KEPT else "hour"
    begin, end = floor(since, finest), _ceil(until, finest)
    return sorted(_split(begin, max(end, begin + WIDTH[finest]), finest), key=lambda one: one.since)


def _split(begin: datetime, end: datetime, grain: Grain) -> list[Part]:
    coarser = GRAINS[GRAINS.index(grain) + 1] if grain != "day" else None
    if coarser is None:
        return [Part(grain, begin, end)]
    first, last = _ceil(begin, coarser), floor(end, coarser)
    if first >= last:
        return [Part(grain, begin, end)]
    edges = [Part(grain, begin, first), Part(grain, last, end)]
    return [*(edge for edge in edges if edge.since < edge.until), *_split(first, last, coarser)]


def _ceil(moment: datetime, grain: Grain) -> datetime:
    return floor(moment + WIDTH[grain] - _JUST, grain)

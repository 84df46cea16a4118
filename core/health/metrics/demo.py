"""Demo metrics: queues, a cache, checkouts and a distribution of durations, of two services of the product."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from core.health.metrics import recording
from core.health.metrics.models import METRIC_ROLLUP, MetricSeries
from core.health.metrics.rules import identity
from core.health.shapes import drawn, times
from core.health.weather import MINUTE, Times, busy
from core.kernel.actor import Actor
from core.kernel.rollups import fill, roll
from core.kernel.sketch import key_of
from core.kernel.telemetry import record

Row = tuple[float, int]
Said = Callable[[Random, datetime], list[Row]]
# An hour is made of so many of its minutes, each of which stands for ten.
_SAMPLED, _EACH = 6, 10


@dataclass(frozen=True)
class Series:
    """One series and what it says each minute: values, and how often each was seen."""

    name: str
    kind: str
    unit: str
    service: str
    said: Said
    labels: dict[str, str] = field(default_factory=dict)
    tenant_id: UUID | None = None

    @property
    def about(self) -> dict[str, Any]:
        names = ("name", "kind", "unit", "service", "labels", "tenant_id")
        return {name: getattr(self, name) for name in names}

    @property
    def id(self) -> UUID:
        return identity(self.name, self.kind, self.unit, self.service, self.tenant_id, self.labels)


def _depth(scale: float) -> Said:
    """Full at noon, and once a week in the night when everything is sent at once."""
    return lambda random, at: [
        (float(times(random, scale * busy(at) * (9 if at.weekday() == 0 and at.hour == 3 else 1))), 1)
    ]


def _hits(random: Random, at: datetime) -> list[Row]:
    return [(round(min(0.9 + 0.06 * busy(at) + random.gauss(0, 0.008), 0.999), 4), 1)]


def _checkouts(scale: float) -> Said:
    return lambda random, at: [(float(times(random, scale * busy(at))), 1)]


def _durations(median: float) -> Said:
    def said(random: Random, at: datetime) -> list[Row]:
        seen = drawn(random, times(random, 12 * busy(at)) + 1, median, 0.6)
        return list(Counter(round(value, 1) for value in seen).items())

    return said


def _all(tenants: list[UUID]) -> list[Series]:
    route = "/v1/assessments/{assessment_id}"
    return [
        Series("jobs.queue.depth", "gauge", "{job}", "billing", _depth(40), {"queue": "invoices"}),
        Series("jobs.queue.depth", "gauge", "{job}", "billing", _depth(15), {"queue": "mail"}),
        Series("cache.hit_ratio", "gauge", "1", "assessments", _hits, {"cache": "results"}),
        *(Series("checkout_total", "counter", "{checkout}", "billing", _checkouts(6 / place), {"plan": plan}, tenant)
          for place, (tenant, plan) in enumerate(zip(tenants[:3], ("pro", "pro", "basic"), strict=False), 1)),
        *(Series("http.server.request.duration", "histogram", "ms", "assessments", _durations(median), {"http.route": path})
          for path, median in ((route, 72), (f"{route}/answers", 130))),
    ]  # fmt: skip


def seed(system: Actor, random: Random, now: datetime, tenants: list[UUID]) -> None:
    """Fills the tables of metrics, which must be empty: 90 days, as the other demo telemetry."""
    of, series = Times.up_to(now), _all(tenants)
    seen = {"first_seen_at": of.hours[0], "last_seen_at": of.hours[0]}
    with record(system, timeout_ms=60_000) as tx:
        tx.execute(insert(MetricSeries), [{"id": one.id, **one.about, **seen} for one in series])
        fill(tx, METRIC_ROLLUP, "hour", [_hour(random, one, at) for at in of.hours for one in series])
        fill(
            tx,
            METRIC_ROLLUP,
            "minute",
            [_summed(one, at, one.said(random, at), 1) for at in of.minutes for one in series],
        )
        recording.store(tx, list(_points(random, series, of)))
    roll(METRIC_ROLLUP)


def _hour(random: Random, series: Series, at: datetime) -> dict[str, Any]:
    minutes = (at + place * _EACH * MINUTE for place in range(_SAMPLED))
    return _summed(series, at, [row for minute in minutes for row in series.said(random, minute)], _EACH)


def _summed(series: Series, at: datetime, rows: list[Row], each: int) -> dict[str, Any]:
    """A bucket of the rows, each of them `each` times over."""
    values, sketch = [value for value, _ in rows], Counter[int]()
    for value, count in rows:
        sketch[key_of(value)] += count * each
    return {
        "bucket": at, "series_id": series.id, "tenant_id": series.tenant_id, "total": len(rows) * each,
        "count_sum": sum(sketch.values()), "value_total_sum": round(sum(value * count * each for value, count in rows), 4),
        "value_max": max(values), "value_min": min(values), "sketch_keys": sorted(sketch),
        "sketch_counts": [sketch[key] for key in sorted(sketch)],
    }  # fmt: skip


def _points(random: Random, series: list[Series], of: Times) -> Iterator[dict[str, Any]]:
    for at in of.last_minutes:
        for one in series:
            moment = min(at + timedelta(seconds=random.uniform(0, 59)), of.now)
            yield from (
                {**one.about, "at": moment, "value": value, "count": count} for value, count in one.said(random, at)
            )

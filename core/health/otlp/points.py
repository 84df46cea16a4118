"""Data points of OTLP metrics read into what the portal keeps: rows at once, or running totals for their streams."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from core.health.ingest.rules import time_problem
from core.health.metrics.recording import Point
from core.health.metrics.rules import identity, problem_of
from core.health.otlp import walk
from core.health.otlp.attributes import (
    TENANT,
    Source,
    Tenants,
    Value,
    at_nanoseconds,
    attributes,
    tenant_of,
    told,
)
from core.health.otlp.cumulative import NO_START, Total
from core.health.otlp.distributions import Refused, as_float, bound, buckets_of, finite, sum_of
from core.health.otlp.histograms import Buckets, Row, rows_of

DELTA, CUMULATIVE = 1, 2
_IDENTITY = ("name", "kind", "unit", "service", "tenant_id", "labels")
NO_VALUE = 1  # DataPointFlags: the source had nothing to report
# What of the resource tells series apart. Not what names one process: its counters add up, and its id changes with each start.
LABELS = (
    "service.namespace", "deployment.environment.name", "deployment.environment", "cloud.region", "k8s.cluster.name",
)  # fmt: skip
_STREAM = UUID("0f2cf0a0-9d6b-4b0e-8c0a-3f1b7b1c6a55")


@dataclass(frozen=True, slots=True)
class Ready:
    """A data point that says all of itself: `rows` are values and how often each was seen."""

    about: Point
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Running:
    """A running total, of which only what was added counts."""

    about: Point
    stream_id: UUID
    start_at: datetime
    total: Total

    @property
    def key(self) -> tuple[UUID, datetime]:
        return self.stream_id, self.start_at


@dataclass(frozen=True, slots=True)
class Batch:
    """What a request holds. `refused` has a sentence for each data point that cannot be kept."""

    ready: list[Ready] = field(default_factory=list)
    running: list[Running] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Metric:
    """One metric of one source, and what its points are checked against."""

    source: Source
    scope: str
    message: Any
    tenants: Tenants
    now: datetime


def read(request: Any, tenants: Tenants, *, now: datetime) -> Batch:
    """Reads an ExportMetricsServiceRequest."""
    batch = Batch()
    for metric, point in _points(request, tenants, now):
        try:
            found = _read_one(metric, point)
        except Refused as problem:
            batch.refused.append(f"{metric.message.name[:100]}: {problem}")
            continue
        if isinstance(found, Ready):
            batch.ready.append(found)
        elif found is not None:
            batch.running.append(found)
    return batch


def _points(request: Any, tenants: Tenants, now: datetime) -> Iterator[tuple[_Metric, Any]]:
    for source, scope, message in walk.items("metrics", request):
        metric = _Metric(source, scope.name, message, tenants, now)
        for point in walk.points(message):
            yield metric, point


def _read_one(metric: _Metric, point: Any) -> Ready | Running | None:
    if point.flags & NO_VALUE:
        return None
    about = _about(metric, point)
    kind = metric.message.WhichOneof("data")
    if kind == "gauge":
        return Ready(about, [(_number(point), 1)])
    if kind == "sum":
        return _of_sum(metric, about, point)
    buckets = buckets_of(kind, point)
    if kind == "summary" or _temporality(metric) == CUMULATIVE:
        return _running(metric, about, point, sum_of(kind, point), buckets)
    low, high = bound(point, "min"), bound(point, "max")
    return Ready(about, rows_of(buckets.spans(), as_float(sum_of(kind, point)), low=low, high=high))


def _about(metric: _Metric, point: Any) -> dict[str, Any]:
    """All of a point but its value. Raises Refused."""
    at = at_nanoseconds(point.time_unix_nano)
    problem = "The point has no time." if at is None else time_problem(at, now=metric.now)
    found = attributes(point.attributes)
    tenant_id, unknown = metric.tenants.check(tenant_of(metric.source, found))
    about = {
        "at": at, "name": metric.message.name, "kind": _kind(metric), "unit": metric.message.unit,
        "service": metric.source.service, "tenant_id": tenant_id, "labels": _labels(metric.source, found),
    }  # fmt: skip
    problem = problem or unknown or problem_of({**about, "value": 0.0})
    if problem:
        raise Refused(problem)
    return {**about, "series_id": identity(*(about[name] for name in _IDENTITY))}


def _kind(metric: _Metric) -> str:
    kind = metric.message.WhichOneof("data")
    if kind == "sum":
        return "counter" if metric.message.sum.is_monotonic else "gauge"
    return "gauge" if kind == "gauge" else "histogram"


def _labels(source: Source, found: Mapping[str, Value]) -> dict[str, str]:
    own = {name: told(value) for name, value in found.items() if name != TENANT}
    return {name: told(source.resource[name]) for name in LABELS if name in source.resource} | own


def _number(point: Any) -> float:
    return float(point.as_int if point.WhichOneof("value") == "as_int" else point.as_double)


def _exact(point: Any) -> Decimal:
    """Counters of whole numbers may be greater than what a float holds exactly. Raises Refused."""
    if point.WhichOneof("value") == "as_int":
        return Decimal(point.as_int)
    return finite(point.as_double)


def _temporality(metric: _Metric) -> int:
    """Raises Refused when there is none."""
    found = getattr(metric.message, metric.message.WhichOneof("data")).aggregation_temporality
    if found not in (DELTA, CUMULATIVE):
        raise Refused("It does not say whether it is cumulative or delta.")
    return int(found)


def _of_sum(metric: _Metric, about: Point, point: Any) -> Ready | Running:
    temporality = _temporality(metric)
    if metric.message.sum.is_monotonic:
        if temporality == DELTA:
            return Ready(about, [(_number(point), 1)])
        return _running(metric, about, point, _exact(point), None)
    if temporality == DELTA:
        raise Refused("Changes of an up-down counter do not tell where it stands. Export it as cumulative.")
    return Ready(about, [(_number(point), 1)])


def _running(metric: _Metric, about: Point, point: Any, value: Decimal | None, buckets: Buckets | None) -> Running:
    start_at = at_nanoseconds(point.start_time_unix_nano) or NO_START
    if start_at > about["at"]:
        raise Refused("It starts after its own time.")
    if buckets is None and value is not None and value < 0:
        raise Refused("A counter only grows, and this total is below 0.")
    return Running(about, _stream_id(metric, about), start_at, Total(about["at"], value, buckets))


def _stream_id(metric: _Metric, about: Point) -> UUID:
    """Of the series as this one process writes it."""
    return uuid5(_STREAM, f"{about['series_id']}\n{metric.scope}\n{metric.source.mark}")

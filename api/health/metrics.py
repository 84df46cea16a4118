"""Metrics for machines: the series of services, their course, and values recorded one by one (superadmin models, section 4)."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Query, Request, Response
from pydantic import Field

from api.conventions import (
    CurrentActor,
    Cursor,
    Fields,
    Instant,
    Limit,
    Once,
    Out,
    Search,
    Strict,
    area,
    collection,
    entity,
    records,
)
from api.health.ingest import BatchOut
from core.health.ingest.taking import Batch, take
from core.health.metrics import history, queries, rules
from core.health.metrics.queries import Filters
from core.kernel.errors import Invalid
from core.kernel.models import uuid7
from core.kernel.times import utc_now

router = area("/superadmin/metrics", "metrics")
Kind = Literal["gauge", "counter", "histogram"]
MOST = 100
LONGEST = timedelta(days=400)


class SeriesOut(Out):
    """A series; `tenant_id` is null for the platform's own, `last_seen_at` is to within five minutes."""

    id: UUID
    name: str
    kind: Kind
    unit: str
    service: str
    tenant_id: UUID | None
    tenant: str | None
    labels: dict[str, str]
    first_seen_at: datetime
    last_seen_at: datetime


class SeriesPage(Out):
    """`next` is the cursor of the following page, or null at the end."""

    items: list[SeriesOut]
    next: str | None


class BucketOut(Out):
    """A minute, an hour or a day. `rate` is a counter's increase a second, else observations a second; null is not known."""

    bucket: datetime
    points: int
    count: int
    sum: float
    mean: float
    min: float
    max: float
    p50: float | None
    p95: float | None
    p99: float | None
    rate: float | None


class CoursePage(Out):
    """All buckets that hold something: `next` is always null."""

    items: list[BucketOut]
    next: str | None


class MetricIn(Strict):
    """A value. Of a counter, `value` is how much was added; of a histogram, one observation. Without `measured_at`, now."""

    metric_name: Annotated[str, Field(min_length=1, max_length=rules.MAX_NAME, examples=["cpu_usage"])]
    metric_type: Kind
    value: Annotated[float, Field(strict=True, allow_inf_nan=False)]
    unit: Annotated[str, Field(max_length=rules.MAX_UNIT, examples=["percent"])] = ""
    service: Annotated[str, Field(max_length=rules.MAX_SERVICE, examples=["api"])] = ""
    tenant_id: UUID | None = None
    measured_at: Instant | None = None
    tags: Annotated[dict[str, str], Field(max_length=rules.MAX_LABELS, examples=[{"host": "api-01"}])] = Field(
        default_factory=dict
    )


class MetricsIn(Strict):
    """Several values, for those who record more than one at a time; for thousands there is /events."""

    metrics: Annotated[list[MetricIn], Field(min_length=1, max_length=MOST)]


def _labels(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if any(not name or not sign for name, sign, _ in pairs):
        sentence = "Write a label as name=value, such as queue=mail."
        raise Invalid(sentence, {"label": sentence})
    return {name: value for name, _, value in pairs}


@router.get("", response_model=SeriesPage)
def list_metrics(  # noqa: PLR0913, PLR0917  (the filters)
    request: Request,
    actor: CurrentActor,
    fields: Fields,
    search: Annotated[Search, Query(description="Start of a name, or the id of a series.")] = "",
    service: Annotated[str | None, Query(max_length=rules.MAX_SERVICE)] = None,
    kind: Kind | None = None,
    tenant_id: UUID | None = None,
    label: Annotated[tuple[str, ...], Query(max_length=10, description="As name=value; all of them must fit.")] = (),
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """The series in your scope, by name."""
    filters = Filters(search, service, kind, tenant_id, _labels(label))
    page = queries.directory(actor, filters, after=cursor, limit=limit)
    return collection(request, records(page.frame), page.next, fields=fields)


@router.post("", status_code=201, response_model=BatchOut)
def record_metric(request: Request, actor: CurrentActor, given: MetricIn | MetricsIn, once: Once) -> Response:
    """Records one value, or a few. Those that cannot be kept are named in `errors`; 422 when none can."""
    several = given.metrics if isinstance(given, MetricsIn) else [given]
    rows = [orjson.dumps(_row(one)) for one in several]
    batch = Batch(
        hashlib.sha256((once or str(uuid7())).encode()).hexdigest(), rows, hashlib.sha256(b"\n".join(rows)).digest()
    )
    answer = take(actor, batch).answer
    if not answer["accepted"]:
        _refuse(answer)
    return entity(request, answer, status=201)


def _row(one: MetricIn) -> dict[str, Any]:
    return {
        "type": "metric", "at": one.measured_at or utc_now(), "name": one.metric_name, "kind": one.metric_type,
        "value": one.value, "unit": one.unit, "service": one.service, "tenant_id": one.tenant_id, "labels": one.tags,
    }  # fmt: skip


_NAMES = {"at": "measured_at", "name": "metric_name", "kind": "metric_type", "labels": "tags"}


def _refuse(answer: Mapping[str, Any]) -> None:
    told = answer["errors"]
    fields = {_NAMES.get(one["field"], one["field"]) or "value": one["detail"] for one in told}
    raise Invalid("; ".join(dict.fromkeys(one["detail"] for one in told)), fields)


@router.get("/{series_id}", response_model=SeriesOut)
def get_metric(request: Request, actor: CurrentActor, series_id: UUID) -> Response:
    """One series."""
    return entity(request, queries.one(actor, series_id))


@router.get("/{series_id}/points", response_model=CoursePage)
def list_metric_points(
    request: Request,
    actor: CurrentActor,
    series_id: UUID,
    fields: Fields,
    since: Instant | None = None,
    until: Instant | None = None,
) -> Response:
    """What a series said, by the minute, the hour or the day as fits the time; the last 24 hours by default."""
    end = until or utc_now()
    begin = since or end - timedelta(hours=24)
    if not timedelta(0) < end - begin <= LONGEST:
        sentence = f"Ask for a time that ends after it begins and is not longer than {LONGEST.days} days."
        raise Invalid(sentence, {"since": sentence})
    series = queries.one(actor, series_id)
    course = history.history(actor, [series_id], since=begin, until=end)
    rate = course.buckets[history.rate_of(series["kind"])]
    shown = course.buckets.assign(rate=rate)[list(BucketOut.model_fields)]
    return collection(request, records(shown), fields=fields)

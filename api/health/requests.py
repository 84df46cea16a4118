"""Figures of requests for machines: those of the page API metrics."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response

from api.conventions import CurrentActor, Out, area, entity, records
from api.health.spans import Since, Until, span
from core.health.requests import figures
from core.health.requests.figures import Figures
from core.health.requests.filters import Filters

router = area("/superadmin/requests", "health")

Word = Annotated[str, Query(max_length=500)]


class FiguresOut(Out):
    """Requests of a time. Durations in ms are those of the `timed` requests; what cannot be known is null."""

    requests: int
    errors: int
    timed: int
    per_minute: float | None
    error_ratio: float | None
    mean_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class BucketOut(Out):
    """One minute, hour or day (UTC); ratio and durations are null where nothing was asked or timed."""

    bucket: datetime
    requests: int
    errors: int
    timed: int
    error_ratio: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class MetricsOut(Out):
    """The asked time in whole buckets of `grain`, the time of the same length right before, and the course.

    `counted_at` is up to when requests are counted, null when never.
    """

    since: datetime
    until: datetime
    grain: Literal["minute", "hour", "day"]
    counted_at: datetime | None
    now: FiguresOut
    before: FiguresOut
    buckets: list[BucketOut]


def _figures(found: Figures) -> FiguresOut:
    return FiguresOut(
        requests=found.requests, errors=found.errors, timed=found.timed, per_minute=found.per_minute,
        error_ratio=found.error_ratio, mean_ms=found.mean, p50_ms=found.p50, p95_ms=found.p95, p99_ms=found.p99,
    )  # fmt: skip


@router.get("/metrics", response_model=MetricsOut)
def get_request_metrics(  # noqa: PLR0913, PLR0917  (the filters)
    request: Request,
    actor: CurrentActor,
    since: Since = None,
    until: Until = None,
    service: Word = "",
    channel: Literal["", "product", "page", "api", "web"] = "",
    route: Word = "",
    tenant_id: UUID | None = None,
    status_class: Annotated[int | None, Query(ge=1, le=5, description="4 for 4xx.")] = None,
) -> Response:
    """Rate, errors and durations of the requests that match. Files (channel web) count only when asked for."""
    filters = Filters(service, channel, route, tenant_id, status_class)
    found = figures.report(actor, filters, *span(since, until))
    named = {"p50": "p50_ms", "p95": "p95_ms", "p99": "p99_ms"}
    buckets = found.buckets.rename(columns=named)[list(BucketOut.model_fields)]
    return entity(request, {
        "since": found.window.since, "until": found.window.until, "grain": found.window.grain,
        "counted_at": found.counted_at, "now": _figures(found.now), "before": _figures(found.before),
        "buckets": records(buckets),
    })  # fmt: skip

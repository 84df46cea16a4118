"""Health for machines."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from api.identity import CurrentActor
from core.health.components import queries
from core.health.requests import queries as requests

router = APIRouter(tags=["health"])

Status = Literal["healthy", "degraded", "down", "not_configured", "unknown"]


class ComponentOut(BaseModel):
    """`checked_at` is null when it was never checked."""

    status: Status
    detail: str
    latency_ms: float | None
    checked_at: datetime | None


class HealthOut(BaseModel):
    """`status` is the worst of the components; what is unknown or not configured does not count (`excluded`)."""

    status: Status
    excluded: list[str]
    components: dict[str, ComponentOut]
    timestamp: datetime


class MetricsOut(BaseModel):
    """Page runs and API calls of the last hour; durations in ms, null when nothing was asked."""

    requests: int
    errors: int
    error_ratio: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    active_operators: int
    counted_at: datetime | None


@router.get("/health")
def health(actor: CurrentActor) -> HealthOut:
    """What the portal runs on, now. Whether the web process itself answers is at /v1/healthz."""
    found = queries.current(actor)
    components = {
        one.name: ComponentOut(
            status=one.finding.status, detail=one.finding.detail, latency_ms=one.finding.latency_ms,
            checked_at=one.checked_at,
        )
        for one in found.components
    }  # fmt: skip
    excluded = [one.name for one in found.components if one.finding.status in ("unknown", "not_configured")]
    return HealthOut(status=found.status, excluded=excluded, components=components, timestamp=found.read_at)


@router.get("/superadmin/metrics/dashboard")
def dashboard(actor: CurrentActor) -> MetricsOut:
    """The figures of the overview page."""
    hour = requests.last_hour(actor)
    return MetricsOut(
        requests=hour.requests, errors=hour.errors, error_ratio=hour.error_ratio, p50_ms=hour.p50, p95_ms=hour.p95,
        p99_ms=hour.p99, active_operators=requests.active_operators(actor), counted_at=hour.rolled_up_at,
    )  # fmt: skip

"""Health in one answer: the figures of its pages, and what alerts watch."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from fastapi import Request, Response

from api.conventions import CurrentActor, Fields, Out, area, collection, entity, records
from core.health.alerts import queries as alerts
from core.health.components import queries as components
from core.health.errors import queries as errors
from core.health.providers import queries as providers
from core.health.requests import queries as requests
from core.health.servers import queries as servers
from core.kernel.actor import Actor
from core.kernel.times import utc_now

router = area("/superadmin/metrics", "metrics")
Status = Literal["healthy", "degraded", "down", "not_configured", "unknown"]


class ServersOut(Out):
    """How many hosts are in each state."""

    reporting: int
    late: int
    silent: int


class AlertsOut(Out):
    """Live alerts, by status and by severity."""

    open: int
    acknowledged: int
    critical: int
    warning: int
    info: int
    silenced: int


class DashboardOut(Out):
    """Page runs and API calls of the last hour, durations in ms and null when nothing was asked; then the state of the rest.

    `errors_24h` and `alerts` are null for those who may not see them.
    """

    requests: int
    errors: int
    error_ratio: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    active_operators: int
    counted_at: datetime | None
    status: Status
    components: dict[str, Status]
    servers: ServersOut
    providers: Status
    errors_24h: int | None
    alerts: AlertsOut | None


class ConditionOut(Out):
    """An enabled rule: what it watches, how it came out when it was last looked at, and for how many subjects it holds.

    `outcome` (firing, clear, unknown, failed) and what follows from it are null until the first look.
    """

    id: UUID
    name: str
    kind: str
    measure: str | None
    severity: Literal["critical", "warning", "info"]
    area: str
    sentence: str
    outcome: str | None
    told: str | None
    evaluated_at: datetime | None
    firing: int | None


class ConditionPage(Out):
    """All of them: `next` is always null."""

    items: list[ConditionOut]
    next: str | None


@router.get("/dashboard", response_model=DashboardOut)
def get_dashboard(request: Request, actor: CurrentActor) -> Response:
    """The figures of the pages of Health."""
    hour, health = requests.last_hour(actor), components.current(actor)
    states = Counter(one["state"] for one in servers.servers(actor))
    return entity(request, {
        "requests": hour.requests, "errors": hour.errors, "error_ratio": hour.error_ratio, "p50_ms": hour.p50,
        "p95_ms": hour.p95, "p99_ms": hour.p99, "active_operators": requests.active_operators(actor),
        "counted_at": hour.rolled_up_at, "status": health.status,
        "components": {one.name: one.finding.status for one in health.components},
        "servers": {state: states[state] for state in ServersOut.model_fields},
        "providers": providers.summary(actor).status, "errors_24h": _errors(actor), "alerts": _alerts(actor),
    })  # fmt: skip


def _errors(actor: Actor) -> int | None:
    return errors.count(actor, since=utc_now() - timedelta(days=1)) if actor.may("errors:read") else None


def _alerts(actor: Actor) -> dict[str, int] | None:
    if not actor.may("alerts:read"):
        return None
    counts = alerts.counts(actor)
    return {name: getattr(counts, name) for name in AlertsOut.model_fields}


@router.get("/alerts", response_model=ConditionPage)
def list_alert_conditions(request: Request, actor: CurrentActor, fields: Fields) -> Response:
    """Every enabled alert rule, and whether its condition holds now."""
    return collection(request, records(alerts.conditions(actor)), fields=fields)

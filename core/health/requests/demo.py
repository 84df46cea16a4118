"""Demo requests: the portal's own, and those of three services of the product with a bad half hour in billing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from core.health.requests.models import (
    CLASSES,
    REQUEST_ROLLUP,
    ROUTE_ROLLUP,
    SERVICE_ROLLUP,
    TENANT_ROLLUP,
    TENANT_TOTAL_ROLLUP,
    RequestRecord,
)
from core.health.shapes import drawn, measured, shaped, times
from core.health.weather import Times, Weather, busy
from core.kernel import retention
from core.kernel.models import uuid7
from core.kernel.rollups import Grain, fill
from core.kernel.sketch import sketch_of
from core.kernel.telemetry import Recording

PRODUCT_FOR = timedelta(days=62)  # so long the services have told of their requests: a month, and one to compare with
ROLLUPS = (REQUEST_ROLLUP, ROUTE_ROLLUP, SERVICE_ROLLUP, TENANT_ROLLUP, TENANT_TOTAL_ROLLUP)
# Before now, for how long, and the share of the failing route's requests that failed in it.
OUTAGE_AGO, OUTAGE_FOR, OUTAGE_SHARE = timedelta(hours=5), timedelta(minutes=35), 0.45


@dataclass(frozen=True, slots=True)
class Route:
    """`rate` is calls a minute in the busiest hour; durations are lognormal about `median_ms`, None where not told.

    `refused` and `failed` are the shares of answers 4xx and 5xx.
    """

    service: str
    channel: str
    route: str
    method: str
    rate: float
    median_ms: float | None
    spread: float = 0.5
    refused: float = 0.0
    failed: float = 0.001

    @property
    def is_of_tenants(self) -> bool:
        return self.channel != "page"


FAILING = "/v1/invoices"
ROUTES = (
    Route("portal", "page", "/home", "PAGE", 3, 38, 0.45),
    Route("portal", "page", "/tenants", "PAGE", 5, 62, 0.55),
    Route("portal", "page", "/health", "PAGE", 2, 55, 0.40),
    Route("portal", "page", "/audit", "PAGE", 0.8, 95, 0.60),
    Route("portal", "api", "/api/v1/superadmin/tenants", "GET", 14, 24, 0.60),
    Route("portal", "api", "/api/v1/superadmin/tenants/{tenant_id}", "PATCH", 3, 41, 0.70),
    Route("api-gateway", "product", "/v1/session", "POST", 9, 85, 0.45, refused=0.04),
    Route("api-gateway", "product", "/v1/people", "GET", 7, 48, 0.60, refused=0.01),
    Route("assessments", "product", "/v1/assessments/{assessment_id}", "GET", 16, 72, 0.65, refused=0.015),
    Route("assessments", "product", "/v1/assessments/{assessment_id}/answers", "POST", 12, 130, 0.55, failed=0.002),
    Route("assessments", "product", "/v1/results/{result_id}/report", "GET", 1.5, 1_450, 0.75, failed=0.006),
    Route("billing", "product", FAILING, "POST", 2, 240, 0.60, refused=0.01, failed=0.004),
    Route("billing", "product", "/v1/usage", "POST", 4, None),
)


class Customers:
    """Whose requests they are: a few tenants ask much, and of the failing route's failures most hit the first."""

    def __init__(self, random: Random, tenants: list[UUID]) -> None:
        self._random, self._tenants = random, tenants
        self._weights = [1 / (place + 1) ** 0.7 for place in range(len(tenants))]

    def of(self, route: Route, *, is_hit: bool = False) -> UUID | None:
        if not route.is_of_tenants or not self._tenants:
            return None
        if is_hit and self._random.random() < 0.7:
            return self._tenants[0]
        if route.service == "portal":
            return self._random.choice(self._tenants[:6])
        return self._random.choices(self._tenants, self._weights)[0]


def seed(tx: Recording, random: Random, weather: Weather, times_of: Times, tenants: list[UUID]) -> None:
    """Fills the rollups up to the last two hours, and those with single rows for the engine to count."""
    customers = Customers(random, tenants)
    told_from = times_of.now - PRODUCT_FOR
    _fill(tx, "hour", [
        row for at in times_of.hours for row in _hour(random, weather, customers, at)
        if at > told_from or row["service"] == "portal"
    ])  # fmt: skip
    _fill(tx, "minute", [row for at in times_of.minutes for row in _minute(random, customers, at, times_of.now)])
    retention.make_ready(tx, "request_record", "day", times_of.rows_from, times_of.now)
    tx.copy(
        RequestRecord, [row for at in times_of.last_minutes for row in _rows(random, customers, at, times_of.now)]
    )  # fmt: skip


def _fill(tx: Recording, grain: Grain, rows: list[dict[str, Any]]) -> None:
    for rollup in ROLLUPS:
        fill(tx, rollup, grain, rows)


def _summed(at: datetime, route: Route, tenant: UUID | None, status: int, total: int, sketch: Any) -> dict[str, Any]:
    return {
        "bucket": at, "tenant_id": tenant, "service": route.service, "channel": route.channel, "route": route.route,
        "status": status, "status_class": status // 100, "total": total, "errors": total if status >= 500 else 0,
        **{name: total if status // 100 == first else 0 for name, first in CLASSES.items()}, **measured(sketch),
    }  # fmt: skip


def _hour(random: Random, weather: Weather, customers: Customers, at: datetime) -> Iterator[dict[str, Any]]:
    if weather.is_dark(at):
        return
    down, slow = weather.down(at), weather.slow(at)
    for route in ROUTES:
        tenant = customers.of(route)
        total = times(random, 60 * route.rate * busy(at)) + 1
        failed = min(times(random, total * (route.failed + 0.6 * down + 0.01 * slow)), total - 1)
        refused = min(times(random, total * route.refused), total - failed - 1)
        median = (route.median_ms or 0) * (1 + 4 * down + 2.5 * slow)
        parts = ((200, total - failed - refused, median), (404, refused, median / 3), (500, failed, median * 6))
        for status, count, took in parts:
            if count > 0:
                sketch = shaped(count, took, route.spread) if took else ([], [])
                yield _summed(at, route, tenant, status, count, sketch)


def _is_out(route: Route, at: datetime, now: datetime) -> bool:
    return route.route == FAILING and OUTAGE_AGO - OUTAGE_FOR < now - at <= OUTAGE_AGO


def _answer(random: Random, route: Route, is_out: bool) -> int:
    """The status of one request."""
    drawn_at = random.random()
    if drawn_at < (OUTAGE_SHARE if is_out else route.failed):
        return 503 if is_out else 500
    return 404 if random.random() < route.refused else 200


def _minute(random: Random, customers: Customers, at: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    for route in ROUTES:
        count = times(random, route.rate * busy(at))
        is_out = _is_out(route, at, now)
        answers = [_answer(random, route, is_out) for _ in range(count)]
        for status in sorted(set(answers)):
            number = answers.count(status)
            tenant = customers.of(route, is_hit=status >= 500)
            yield _summed(at, route, tenant, status, number, sketch_of(_took(random, route, number, status)))


def _took(random: Random, route: Route, count: int, status: int) -> list[float]:
    if route.median_ms is None:
        return []
    return drawn(random, count, route.median_ms * (6 if status >= 500 else 1), route.spread)


def _rows(random: Random, customers: Customers, at: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    for route in ROUTES:
        for _ in range(times(random, route.rate * busy(at))):
            status = _answer(random, route, is_out=False)
            moment = at + timedelta(seconds=random.uniform(0, 59.9))
            took = _took(random, route, 1, status)
            if moment < now:
                yield {
                    "at": moment, "id": uuid7(), "service": route.service, "channel": route.channel, "route": route.route,
                    "method": route.method, "status": status, "is_error": status >= 500,
                    "duration_ms": Decimal(round(took[0] * 1000)) / 1000 if took else None, "response_bytes": None,
                    "operator_id": None, "key_id": None, "request_id": f"demo-{random.getrandbits(48):012x}",
                    "tenant_id": customers.of(route),
                }  # fmt: skip

"""What guardrails watch: named figures of the portal's own data, each with how much it was measured on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select

from core.health.alerts.burn_rate import burn_rate
from core.health.alerts.defaults import OBJECTIVE
from core.health.alerts.models import LIVE, Alert, AlertRuleState
from core.health.errors.models import ErrorRecord
from core.health.requests.models import ROUTE_ROLLUP
from core.health.requests.queries import WHOLE, latencies, totals
from core.kernel.reads import Reading

TEN_MINUTES, HOUR = timedelta(minutes=10), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` is None where nothing was measured; `volume` is how many observations are behind it."""

    value: float | None
    volume: int


@dataclass(frozen=True, slots=True)
class Metric:
    """`measure` is a function of (reading, now)."""

    name: str
    title: str
    unit: Literal["ratio", "ms", "count"]
    window: timedelta
    measure: Callable[[Reading, datetime], Figure]

    def shown(self, value: float) -> str:
        """The figure as people read it."""
        return {"ratio": f"{value:.2%}", "ms": f"{value:,.0f} ms", "count": f"{round(value, 1):,.12g}"}[self.unit]


def _error_ratio(channel: str) -> Callable[[Reading, datetime], Figure]:
    def measure(rx: Reading, now: datetime) -> Figure:
        row = rx.one(totals(ROUTE_ROLLUP.minute, now - TEN_MINUTES, now, channels=(channel,)))
        asked = int(row.requests or 0) if row else 0
        return Figure(float(row.errors) / asked if row and asked else None, asked)

    return measure


def _p95(channel: str) -> Callable[[Reading, datetime], Figure]:
    def measure(rx: Reading, now: datetime) -> Figure:
        span = (now - TEN_MINUTES, now)
        sums = rx.one(totals(ROUTE_ROLLUP.minute, *span, channels=(channel,)))
        found = [row for row in rx.rows(latencies(ROUTE_ROLLUP.minute, *span, channels=(channel,))) if row.of == WHOLE]
        return Figure(float(found[0].p95) if found else None, int(sums.requests or 0) if sums else 0)

    return measure


def _errors(rx: Reading, now: datetime) -> Figure:
    found = int(rx.value(select(func.count()).select_from(ErrorRecord).where(ErrorRecord.at >= now - HOUR)))
    return Figure(float(found), found)


def _burn_rate(rx: Reading, now: datetime) -> Figure:
    """Over an hour, as the alert that pages looks at it; 14.4 spends 2 % of a month's budget in it."""
    row = rx.one(totals(ROUTE_ROLLUP.minute, now - HOUR, now, channels=("api", "product")))
    asked = int(row.requests or 0) if row else 0
    return Figure(burn_rate(float(row.errors) / asked, OBJECTIVE) if row and asked else None, asked)


def _critical_alerts(rx: Reading, now: datetime) -> Figure:
    """The volume is how many rules were judged in the last ten minutes; when none was, nothing is known."""
    judged = int(rx.value(select(func.count()).where(AlertRuleState.evaluated_at >= now - TEN_MINUTES)))
    live = select(func.count()).where(Alert.status.in_(LIVE), Alert.severity == "critical", Alert.parent_id.is_(None))
    return Figure(float(rx.value(live)) if judged else None, judged)


METRICS: Mapping[str, Metric] = {
    one.name: one
    for one in (
        Metric("api_error_ratio", "Share of API requests that fail", "ratio", TEN_MINUTES, _error_ratio("api")),
        Metric("page_error_ratio", "Share of page runs that fail", "ratio", TEN_MINUTES, _error_ratio("page")),
        Metric("api_p95", "API latency, 95th percentile", "ms", TEN_MINUTES, _p95("api")),
        Metric("page_p95", "Page latency, 95th percentile", "ms", TEN_MINUTES, _p95("page")),
        Metric("unexpected_errors", "Unexpected errors", "count", HOUR, _errors),
        Metric("api_burn_rate", "Burn rate of the API's error budget (99.9 %)", "count", HOUR, _burn_rate),
        Metric("critical_alerts", "Critical alerts that are open", "count", TEN_MINUTES, _critical_alerts),
    )
}


def fired(guardrail: Mapping[str, Any], figure: Figure) -> str | None:
    """Why the guardrail fires, naming figure and bound; None while it holds, or too little was measured to tell."""
    metric = METRICS.get(guardrail["metric"])
    if metric is None or figure.value is None or figure.volume < guardrail["minimum"]:
        return None
    is_above = guardrail["direction"] == "above"
    if not (figure.value > guardrail["bound"] if is_above else figure.value < guardrail["bound"]):
        return None
    minutes = int(metric.window.total_seconds() // 60)
    return (
        f"Guardrail fired. {metric.title} was {metric.shown(figure.value)} over {minutes} min"
        f" ({figure.volume:,} measured), {'above' if is_above else 'below'} the bound of {metric.shown(guardrail['bound'])}."
    )

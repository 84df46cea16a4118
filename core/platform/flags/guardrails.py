"""What guardrails watch: named figures of the portal's own data, each with how much it was measured on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, select

from core.health.errors.models import ErrorRecord
from core.health.requests.models import REQUEST_ROLLUP
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
        return {"ratio": f"{value:.2%}", "ms": f"{value:,.0f} ms", "count": f"{value:,.0f}"}[self.unit]


def _error_ratio(channel: str) -> Callable[[Reading, datetime], Figure]:
    def measure(rx: Reading, now: datetime) -> Figure:
        row = rx.one(totals(REQUEST_ROLLUP.minute, now - TEN_MINUTES, now, channels=(channel,)))
        asked = int(row.requests or 0) if row else 0
        return Figure(float(row.errors) / asked if row and asked else None, asked)

    return measure


def _p95(channel: str) -> Callable[[Reading, datetime], Figure]:
    def measure(rx: Reading, now: datetime) -> Figure:
        span = (now - TEN_MINUTES, now)
        sums = rx.one(totals(REQUEST_ROLLUP.minute, *span, channels=(channel,)))
        found = [
            row for row in rx.rows(latencies(REQUEST_ROLLUP.minute, *span, channels=(channel,))) if row.of == WHOLE
        ]
        return Figure(float(found[0].p95) if found else None, int(sums.requests or 0) if sums else 0)

    return measure


def _errors(rx: Reading, now: datetime) -> Figure:
    found = int(rx.value(select(func.count()).select_from(ErrorRecord).where(ErrorRecord.at >= now - HOUR)))
    return Figure(float(found), found)


METRICS: Mapping[str, Metric] = {
    one.name: one
    for one in (
        Metric("api_error_ratio", "Share of API requests that fail", "ratio", TEN_MINUTES, _error_ratio("api")),
        Metric("page_error_ratio", "Share of page runs that fail", "ratio", TEN_MINUTES, _error_ratio("page")),
        Metric("api_p95", "API latency, 95th percentile", "ms", TEN_MINUTES, _p95("api")),
        Metric("page_p95", "Page latency, 95th percentile", "ms", TEN_MINUTES, _p95("page")),
        Metric("unexpected_errors", "Unexpected errors", "count", HOUR, _errors),
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

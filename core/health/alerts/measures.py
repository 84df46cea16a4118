"""What can be watched: named figures, each with the rollup it comes from and the dimensions it can be told apart by."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Integer, Text, cast, func, select

from core.health.alerts.series import Combine
from core.health.components.models import COMPONENT_ROLLUP
from core.health.database.models import DATABASE_ROLLUP
from core.health.errors.models import ERROR_ROLLUP
from core.health.messages.models import MESSAGE_ROLLUP, PROVIDER_ROLLUP
from core.health.metrics.models import METRIC_ROLLUP
from core.health.requests.models import REQUEST_ROLLUP, ROUTE_ROLLUP, SERVICE_ROLLUP, TENANT_ROLLUP
from core.health.servers.models import SERVER_ROLLUP, Server
from core.kernel.rollups import Rollup

Unit = Literal["ratio", "ms", "count", "per_min", "days", "value"]
Source = Literal["rollup", "metric", "audit", "monitor", "certificate", "sla"]
Columns = Any
Expression = Callable[[Columns], ColumnElement[Any]]

_FIGURE = ("threshold", "rate_of_change", "anomaly")
_BUDGET = (*_FIGURE, "burn_rate")
_SHOWN: Mapping[str, Callable[[float], str]] = {
    "ratio": lambda value: f"{value * 100:.4g} %",
    "ms": lambda value: f"{value:,.0f} ms",
    "count": lambda value: f"{value:,.0f}",
    "per_min": lambda value: f"{value:,.4g} a minute",
    "days": lambda value: f"{value:,.1f} days",
    "value": lambda value: f"{value:,.6g}",
}


@dataclass(frozen=True, slots=True)
class Measure:
    """`amount` over `volume` is the figure of a bucket, by `combine` that of a window; both are SQL over the rollup.

    `dimensions` are what filters and `per` may name. `rollups` are tried in their order: the first that has every dimension
    in use. `quantile` is for percentiles, whose window is always one step. `required`: filters without which it says nothing.
    """

    name: str
    title: str
    unit: Unit
    area: str
    combine: Combine
    kinds: tuple[str, ...]
    source: Source = "rollup"
    rollups: tuple[Rollup, ...] = ()
    dimensions: Mapping[str, str] = field(default_factory=dict)
    expressions: Mapping[str, Expression] = field(default_factory=dict)
    amount: Expression = lambda table: table.total
    volume: Expression = lambda table: table.total
    where: Callable[[Columns, str | None, Mapping[str, Any]], list[ColumnElement[bool]]] = lambda *_: []
    quantile: float | None = None
    required: tuple[str, ...] = ()
    default_per: str | None = None
    page: str = ""

    def shown(self, value: float) -> str:
        """The figure as people read it."""
        return _SHOWN[self.unit](value)

    def column(self, table: Columns, dimension: str) -> Any:
        """A dimension as text, which is what subjects and filters are."""
        made = self.expressions.get(dimension)
        return made(table) if made else cast(table[dimension], Text)

    def rollup_for(self, used: set[str]) -> Rollup:
        """Raises LookupError where no rollup has all of these dimensions."""
        for rollup in self.rollups:
            held = {one.name for one in rollup.dimensions} | set(self.expressions)
            if used <= held:
                return rollup
        raise LookupError(f"{self.name} cannot be told apart by {', '.join(sorted(used))} at once.")


def _asked(table: Columns, _: str | None, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Files and the pages' shell would make everything look faster and safer than it is."""
    return [] if "channel" in filters else [table.channel != "web"]


def _component(table: Columns, per: str | None, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    is_overall = table.component == "overall"
    return [is_overall if per is None and "component" not in filters else ~is_overall]


def _real_servers(table: Columns, _: str | None, __: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    """Demo hosts report up to the moment in which they were made up, and nobody expects more of them."""
    return [table.server_id.not_in(select(Server.id).where(Server.is_demo))]


def _status(*statuses: str) -> Expression:
    return lambda table: table.total * cast(table.status.in_(statuses), Integer)


def _provider_channel(table: Columns) -> Any:
    return table.provider + " (" + table.channel + ")"


_REQUESTS: dict[str, Any] = {
    "rollups": (SERVICE_ROLLUP, ROUTE_ROLLUP, TENANT_ROLLUP, REQUEST_ROLLUP),
    "dimensions": {"service": "Service", "channel": "Channel", "route": "Route", "tenant_id": "Tenant"},
    "where": _asked, "default_per": "service", "page": "health/requests",
}  # fmt: skip
_SERVERS: dict[str, Any] = {
    "rollups": (SERVER_ROLLUP,), "dimensions": {"server_id": "Server"}, "default_per": "server_id", "page": "health/servers",
}  # fmt: skip
_PROVIDERS: dict[str, Any] = {
    "rollups": (PROVIDER_ROLLUP, MESSAGE_ROLLUP),
    "dimensions": {
        "provider_channel": "Provider and channel", "provider": "Provider", "channel": "Channel", "tenant_id": "Tenant",
    },
    "expressions": {"provider_channel": _provider_channel}, "page": "health/providers",
}  # fmt: skip
_COMPONENTS: dict[str, Any] = {
    "rollups": (COMPONENT_ROLLUP,), "dimensions": {"component": "Component"}, "where": _component,
    "default_per": "component", "page": "health/overview", "volume": _status("healthy", "degraded", "down"),
}  # fmt: skip
_METRICS: dict[str, Any] = {
    "source": "metric", "rollups": (METRIC_ROLLUP,), "required": ("name",), "default_per": "series", "page": "health/metrics",
    "dimensions": {"name": "Metric", "series": "Series", "service": "Service", "tenant_id": "Tenant"},
}  # fmt: skip
_AUDIT: dict[str, Any] = {
    "source": "audit", "required": ("action",), "page": "access/audit",
    "dimensions": {"action": "Action", "outcome": "Outcome", "actor": "Operator", "email": "Typed address", "ip": "Address"},
}  # fmt: skip
_MONITORS: dict[str, Any] = {
    "dimensions": {"monitor_id": "Monitor"},
    "default_per": "monitor_id",
    "page": "health/monitors",
}
_CONTRACTS: dict[str, Any] = {
    "source": "sla", "dimensions": {"contract": "Contract"}, "default_per": "contract", "page": "reliability/sla_alerts",
}  # fmt: skip


def _server(name: str, title: str, column: str, count: str = "total") -> Measure:
    return Measure(
        name, title, "ratio", "servers", "mean", _FIGURE, amount=lambda table: table[f"{column}_sum"],
        volume=lambda table: table[count], **_SERVERS,
    )  # fmt: skip


MEASURES: Mapping[str, Measure] = {
    one.name: one
    for one in (
        _server("server.cpu", "CPU used", "cpu_ratio"),
        _server("server.memory", "Memory used", "memory_ratio"),
        _server("server.disk", "Disk used", "disk_ratio", "disk_ratio_count"),
        Measure(
            "server.reports", "Reports of a server", "count", "servers", "count", ("absence",), where=_real_servers,
            **_SERVERS,
        ),
        Measure(
            "request.error_ratio", "Share of requests that fail", "ratio", "requests", "ratio", _BUDGET,
            amount=lambda table: table.errors, **_REQUESTS,
        ),
        Measure(
            "request.p95", "Latency of requests, 95th percentile", "ms", "requests", "value", _FIGURE, quantile=0.95,
            volume=lambda table: table.timed, **_REQUESTS,
        ),
        Measure(
            "request.rate", "Requests", "per_min", "requests", "rate", (*_FIGURE, "absence"), **_REQUESTS
        ),
        Measure(
            "database.connections", "Connections to the database", "count", "database", "mean", _FIGURE,
            rollups=(DATABASE_ROLLUP,), amount=lambda table: table.connections_sum, page="health/overview",
        ),
        Measure(
            "provider.error_ratio", "Share of messages that fail", "ratio", "providers", "ratio", _BUDGET,
            amount=lambda table: table.failed, default_per="provider_channel",
            volume=lambda table: func.greatest(table.sent, table.delivered + table.failed), **_PROVIDERS,
        ),
        Measure(
            "message.rate", "Messages sent", "per_min", "providers", "rate", (*_FIGURE, "absence"),
            amount=lambda table: table.sent, volume=lambda table: table.sent, **_PROVIDERS,
        ),
        Measure(
            "error.count", "Unexpected errors", "count", "errors", "count", _FIGURE, rollups=(ERROR_ROLLUP,),
            dimensions={"fingerprint": "Error", "service": "Service", "tenant_id": "Tenant"}, page="health/errors",
        ),
        Measure(
            "component.down", "Share of checks that find it down", "ratio", "components", "ratio", _BUDGET,
            amount=_status("down"), **_COMPONENTS,
        ),
        Measure(
            "component.unhealthy", "Share of checks that find it down or degraded", "ratio", "components", "ratio", _BUDGET,
            amount=_status("down", "degraded"), **_COMPONENTS,
        ),
        Measure(
            "metric.value", "Mean of a metric", "value", "metrics", "mean", (*_FIGURE, "absence"),
            amount=lambda table: table.value_total_sum, volume=lambda table: table.count_sum, **_METRICS,
        ),
        Measure(
            "metric.rate", "Sum of a counter", "per_min", "metrics", "rate", _FIGURE,
            amount=lambda table: table.value_total_sum, volume=lambda table: table.count_sum, **_METRICS,
        ),
        Measure("audit.entries", "Entries of the audit trail", "count", "access", "count", ("threshold",), **_AUDIT),
        Measure(
            "monitor.down", "Monitor is down", "ratio", "monitors", "mean", ("monitor_down",), source="monitor", **_MONITORS
        ),
        Measure(
            "monitor.certificate", "Certificate expires in", "days", "monitors", "mean", ("certificate",),
            source="certificate", **_MONITORS,
        ),
        Measure("sla.violation", "Contracts fall short", "count", "sla", "mean", ("sla_violation",), **_CONTRACTS),
        Measure(
            "sla.budget_fast", "Error budget of a contract, burning fast", "value", "sla", "mean", ("sla_budget",), **_CONTRACTS
        ),
        Measure("sla.budget_slow", "Error budget of a contract", "value", "sla", "mean", ("sla_budget",), **_CONTRACTS),
    )
}  # fmt: skip

"""The rules that come with the portal, as data. Everybody who may can edit them; migration 0013 stores them.

Sources: superadmin models, "Monitoring & Alerts" (CPU, p95, error rate, failed sign-ins, role changes); iris section 4.1
(providers from 15 %); phase 2, section 2.3 (error spikes); the burn rates are those of burn_rate.py.
"""

from typing import Any
from uuid import UUID, uuid5

from core.health.alerts.burn_rate import PAGE, TICKET, as_settings

_SPACE = UUID("6b0c3a1e-6f0e-5a52-9f3e-0d1d8a1f9f13")
OBJECTIVE = 0.999
COLUMNS: dict[str, Any] = {
    "description": "", "filters": {}, "per": None, "comparison": "above", "clear_bound": None, "for_s": 300,
    "clear_after_s": 300, "window_s": 60, "minimum_volume": 0, "storm_size": 10, "settings": {}, "severity": "warning",
    "runbook_url": None, "is_enabled": True, "deleted_at": None, "version": 1,
}  # fmt: skip
_API = {"channel": ["api", "product"]}


def _rule(key: str, name: str, kind: str, measure: str, bound: float, **values: Any) -> dict[str, Any]:
    own = {"id": uuid5(_SPACE, key), "key": key, "name": name, "kind": kind, "measure": measure, "bound": bound}
    return {**COLUMNS, **own, **values}


RULES: tuple[dict[str, Any], ...] = (
    _rule("server-cpu", "CPU of a server is high", "threshold", "server.cpu", 0.8, per="server_id", area="servers"),
    _rule(
        "server-memory", "Memory of a server is short", "threshold", "server.memory", 0.9, per="server_id", area="servers",
        clear_bound=0.87,
    ),
    _rule(
        "server-disk", "Disk of a server fills up", "threshold", "server.disk", 0.85, per="server_id", area="servers",
        clear_bound=0.83, for_s=600,
    ),
    _rule(
        "server-silent", "A server does not report", "absence", "server.reports", 0, per="server_id", area="servers",
        for_s=180, clear_after_s=60, severity="critical", storm_size=3,
    ),
    _rule(
        "api-p95", "API is slow", "threshold", "request.p95", 500, per="service", filters=_API, area="requests",
        minimum_volume=5,
    ),
    _rule(
        "api-errors", "API requests fail", "threshold", "request.error_ratio", 0.01, per="service", filters=_API,
        area="requests", minimum_volume=100, window_s=300, severity="critical",
    ),
    _rule(
        "api-budget-fast", "API burns its error budget fast", "burn_rate", "request.error_ratio", 1, filters=_API,
        area="requests", severity="critical", for_s=0, minimum_volume=1_000, settings=as_settings(PAGE, OBJECTIVE),
    ),
    _rule(
        "api-budget-slow", "API burns its error budget", "burn_rate", "request.error_ratio", 1, filters=_API,
        area="requests", for_s=0, minimum_volume=1_000, settings=as_settings(TICKET, OBJECTIVE),
    ),
    _rule(
        "provider-errors", "A provider fails", "threshold", "provider.error_ratio", 0.15, per="provider_channel",
        area="providers", window_s=900, minimum_volume=20, severity="critical", clear_bound=0.05,
    ),
    _rule(
        "error-spike", "Unexpected errors pile up", "rate_of_change", "error.count", 2, area="errors", for_s=0,
        window_s=900, minimum_volume=20, settings={"baseline_s": 3_600},
    ),
    _rule(
        "component-down", "A component is down", "threshold", "component.down", 0.5, per="component", area="components",
        for_s=60, clear_after_s=120, window_s=120, severity="critical", storm_size=3,
    ),
    _rule(
        "jobs-waiting", "Jobs pile up", "threshold", "metric.value", 1_000, area="components",
        filters={"name": ["quarterdeck.jobs.waiting"]}, severity="critical",
    ),
    _rule(
        "monitor-down", "A monitor is down", "monitor_down", "monitor.down", 0.5, per="monitor_id", area="monitors",
        for_s=0, clear_after_s=0, window_s=15, severity="critical", storm_size=5,
    ),
    _rule(
        "certificate-expires", "A certificate expires within 14 days", "certificate", "monitor.certificate", 14,
        per="monitor_id", area="monitors", comparison="below", for_s=0, clear_after_s=0, window_s=15,
    ),
    _rule(
        "failed-sign-ins", "Many sign-ins fail", "threshold", "audit.entries", 4, area="access", for_s=0, window_s=900,
        per="email", filters={"action": ["sessions.sign_in"], "outcome": ["denied"]}, clear_after_s=900,
    ),
    _rule(
        "role-changes", "Operators' roles are changed", "threshold", "audit.entries", 0, area="access", for_s=0,
        window_s=300, filters={"action": ["operators.update", "operators.create"], "outcome": ["done"]}, severity="info",
    ),
)  # fmt: skip
# Of contracts; migration 0043 stores them.
SLA_RULES: tuple[dict[str, Any], ...] = (
    _rule(
        "sla-violation", "A contract falls short", "sla_violation", "sla.violation", 0.5, per="contract", area="sla", for_s=0,
        clear_after_s=0, severity="critical",
    ),
    _rule(
        "sla-budget-fast", "A contract burns its error budget fast", "sla_budget", "sla.budget_fast", 1, per="contract",
        area="sla", for_s=0, clear_after_s=0,
    ),
    _rule(
        "sla-budget-slow", "A contract burns its error budget", "sla_budget", "sla.budget_slow", 1, per="contract", area="sla",
        for_s=0, clear_after_s=0, severity="info",
    ),
)  # fmt: skip

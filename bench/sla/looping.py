"""ADR-020, section 3, as it stands there: every minute, for each contract, its own queries and its own writes.

Out of rollups as the product's own look, so that only the way differs: of the last hour the uptime of the tenant's monitors, the
latency and the errors of its requests; a row per metric, and a violation looked for, updated or made.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import aliased

from core.customers.contracts.models import Contract, ContractVersion
from core.health.monitors.models import MonitorTenant
from core.health.monitors.queries import availabilities
from core.health.requests.models import TENANT_TOTAL_ROLLUP
from core.health.requests.percentiles import percentiles
from core.kernel.actor import Actor
from core.kernel.reads import AnySelect, read
from core.kernel.telemetry import record

SYSTEM = Actor.system("loop")
HOUR = timedelta(hours=1)
_METRIC = text("INSERT INTO bench_metric VALUES (:contract, :metric, :target, :actual, :at)")
_OPEN = text(
    "SELECT id FROM sla_violation WHERE contract_id = :contract AND metric = :metric AND ended_at IS NULL LIMIT 1"
)
_UPDATE = text("UPDATE sla_violation SET minutes = minutes + 1, last_bad_at = :at WHERE id = :id")
_MAKE = text(
    "INSERT INTO sla_violation (id, contract_id, tenant_id, metric, target, actual, impact, minutes, started_at, last_bad_at,"
    " detected_at) VALUES (gen_random_uuid(), :contract, :tenant, :metric, :target, :actual, 'minor', 1, :at, :at, :at)"
)


def look(now: datetime) -> int:
    """One round over all contracts; returns how many."""
    other = aliased(ContractVersion)
    newest = select(func.max(other.number)).where(other.contract_id == Contract.id).scalar_subquery()
    found = select(
        Contract.id, Contract.tenant_id, ContractVersion.uptime_target, ContractVersion.latency_p99_ms,
        ContractVersion.error_rate_target,
    ).join(ContractVersion, ContractVersion.contract_id == Contract.id)  # fmt: skip
    with read(SYSTEM, timeout_ms=60_000) as rx:
        rows = rx.rows(found.where(Contract.status == "active", ContractVersion.number == newest))
    for row in rows:
        _collect(row, now)
    return len(rows)


def _collect(row: Any, now: datetime) -> None:
    uptime = _uptime(row.tenant_id, now)
    _keep(row, "uptime", row.uptime_target, uptime, now, is_short=uptime < row.uptime_target)
    latency = _value(percentiles(TENANT_TOTAL_ROLLUP.minute, _of(row.tenant_id, now)), "p99")
    _keep(row, "latency_p99", row.latency_p99_ms, latency, now, is_short=(latency or 0) > row.latency_p99_ms)
    table = TENANT_TOTAL_ROLLUP.minute.__table__.c
    rate = 100.0 * func.sum(table.errors) / func.nullif(func.sum(table.total), 0)
    errors = float(_value(select(rate.label("rate")).where(*_of(row.tenant_id, now)), "rate") or 0)
    _keep(row, "error_rate", row.error_rate_target, errors, now, is_short=errors > row.error_rate_target)


def _uptime(tenant_id: UUID, now: datetime) -> float:
    """Of the worst of the tenant's monitors, in percent."""
    with read(SYSTEM) as rx:
        rows = rx.rows(select(MonitorTenant.monitor_id).where(MonitorTenant.tenant_id == tenant_id))
    found = availabilities(SYSTEM, [row.monitor_id for row in rows], since=now - HOUR, until=now)
    return 100 * min((one.available_ratio for one in found.values() if one.available_ratio is not None), default=1.0)


def _of(tenant_id: UUID, now: datetime) -> list[Any]:
    table = TENANT_TOTAL_ROLLUP.minute.__table__.c
    return [table.tenant_id == tenant_id, table.bucket >= now - HOUR, table.bucket < now]


def _value(statement: AnySelect, name: str) -> Any:
    with read(SYSTEM) as rx:
        found = rx.one(statement)
    return getattr(found, name) if found is not None else None


def _keep(row: Any, metric: str, target: Any, actual: float | None, now: datetime, *, is_short: bool) -> None:
    values = {
        "contract": row.id,
        "tenant": row.tenant_id,
        "metric": metric,
        "target": target,
        "actual": actual,
        "at": now,
    }
    with record(SYSTEM) as tx:
        tx.execute(_METRIC, values)
    if not is_short:
        return
    with record(SYSTEM) as tx:
        held = tx.session.scalar(_OPEN, values)
        tx.execute(_UPDATE if held else _MAKE, {**values, "id": held})

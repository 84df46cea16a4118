"""Contracts with terms, and what monitors and requests said of their tenants, for tests of the engine."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from core.customers.contracts.models import Contract, ContractVersion
from core.customers.tenants.models import Tenant
from core.health.maintenance.models import MaintenanceWindow
from core.health.monitors.models import CheckerGap, Monitor, MonitorChange, MonitorState, MonitorTenant
from core.health.requests.models import TENANT_TOTAL_ROLLUP
from core.kernel import rollups
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.sketch import sketch_of
from core.kernel.telemetry import record
from core.kernel.writes import write
from core.reliability.sla.judging import EVERYBODYS

SYSTEM = Actor.system("test")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TERMS: dict[str, Any] = {
    "annual_value": Decimal(120_000), "term_months": 36, "notice_days": 60, "payment_terms": "net_30",
    "billing_cycle": "monthly", "support_level": "enterprise", "uptime_target": Decimal("99.95"), "created_by_name": "Ada",
}  # fmt: skip


def at(day: str, time: str = "00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=UTC)


def tenant(name: str = "Acme") -> UUID:
    key = uuid4()
    with write(SYSTEM, "demo.seed") as tx:
        tx.add(
            Tenant(id=key, name=name, domain=f"{key}.example", status="active", tier="enterprise", region="EU", seats=5)
        )
    return key


def contract(
    tenant_id: UUID, *, starts: str = "2026-01-01", zone: str = "UTC", versions: Sequence[tuple[str, dict[str, Any]]] = (),
    csm_id: UUID | None = None, **terms: Any,
) -> UUID:  # fmt: skip
    """Active, for three years; `versions` are amendments, as the day from which they hold and what they change."""
    first = date.fromisoformat(starts)
    ends = first.replace(year=first.year + 3) - DAY
    with write(SYSTEM, "demo.seed") as tx:
        made = tx.add(Contract(
            tenant_id=tenant_id, status="active", time_zone=zone, starts_on=first, csm_id=csm_id,
        ))  # fmt: skip
        tx.session.flush()
        held = TERMS | terms
        for number, (day, changed) in enumerate([(starts, {}), *versions], 1):
            held = held | changed
            tx.add(ContractVersion(
                contract_id=made.id, tenant_id=tenant_id, number=number, effective_on=date.fromisoformat(day), ends_on=ends,
                renewal_on=ends, **held,
            ))  # fmt: skip
    return made.id


def monitor(tenant_id: UUID | None = None, *, tags: Sequence[str] = ()) -> UUID:
    """One of the tenant's, or everybody's; nothing is known of it yet."""
    key = uuid4()
    tags = tags if tenant_id else [*tags, EVERYBODYS]
    with write(SYSTEM, "demo.seed") as tx:
        tx.add(
            Monitor(
                id=key, name=str(key), kind="http", settings={"url": "https://x.example"}, target="x", tags=list(tags)
            )
        )
        tx.session.flush()
        tx.session.execute(insert(MonitorState).values(monitor_id=key, since=tx.now))
        if tenant_id is not None:
            tx.session.execute(insert(MonitorTenant).values(monitor_id=key, tenant_id=tenant_id))
    return key


def course(monitor_id: UUID, *changes: tuple[datetime, str]) -> None:
    """Its changes of state in their order, unknown before the first."""
    previous = "unknown"
    with record(SYSTEM) as tx:
        for moment, state in changes:
            tx.execute(insert(MonitorChange).values(
                id=uuid7(), monitor_id=monitor_id, at=moment, state=state, previous=previous, cause="",
            ))  # fmt: skip
            previous = state


def gap(since: datetime, until: datetime | None) -> None:
    """A time in which the checker saw nothing."""
    with record(SYSTEM) as tx:
        tx.execute(insert(CheckerGap).values(id=uuid7(), since=since, until=until, cause="test"))


def window(since: datetime, minutes: int, *, covers: str = "all", **values: Any) -> UUID:
    """Maintenance that is excluded, but for `values`."""
    key = uuid4()
    with write(SYSTEM, "demo.seed") as tx:
        tx.add(MaintenanceWindow(
            id=key, title="Upgrade", starts_at=since, duration_s=minutes * 60, covers=covers,
            **{"over_at": since + minutes * MINUTE} | values,
        ))  # fmt: skip
    return key


def requests(tenant_id: UUID, rows: Sequence[tuple[datetime, int, int]], *, ms: float | None = None) -> None:
    """So many requests and errors of each minute; with `ms`, each of them took as long."""
    with record(SYSTEM) as tx:
        rollups.fill(tx, TENANT_TOTAL_ROLLUP, "minute", [_bucket(tenant_id, *row, ms) for row in rows])


def _bucket(tenant_id: UUID, moment: datetime, total: int, errors: int, ms: float | None) -> dict[str, Any]:
    keys, counts = sketch_of([ms] * total) if ms is not None else ([], [])
    return {
        "bucket": moment, "tenant_id": tenant_id, "channel": "api", "total": total, "errors": errors,
        "timed": total if ms is not None else 0, "duration_ms_sum": (ms or 0) * total, "duration_ms_max": ms,
        "duration_ms_min": ms, "sketch_keys": keys, "sketch_counts": counts, "status_2xx": total - errors,
        "status_3xx": 0, "status_4xx": 0, "status_5xx": errors,
    }  # fmt: skip

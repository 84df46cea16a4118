"""Contracts with terms, and what monitors saw of their months: what credits are computed from."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from core.health.monitors.models import CheckerGap, Monitor, MonitorChange, MonitorTenant
from core.kernel.actor import Actor
from core.kernel.telemetry import record
from core.reliability.sla import judging, maintaining

SYSTEM = Actor.system("test")
TIERS = [{"below": "99.95", "percent": "10"}, {"below": "99", "percent": "25"}, {"below": "95", "percent": "100"}]


def at(text: str) -> datetime:
    """Such as "2026-10-01 08:00", in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _insert(raw: Any, table: str, **values: Any) -> None:
    named = ", ".join(
        f"CAST(:{name} AS jsonb)" if isinstance(value, (dict, list)) else f":{name}" for name, value in values.items()
    )
    given = {name: json.dumps(value) if isinstance(value, (dict, list)) else value for name, value in values.items()}
    raw(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({named})", **given)


def tenant(raw: Any, name: str = "Acme") -> UUID:
    key = uuid4()
    raw(
        "INSERT INTO tenant (id, name, domain, status, tier, region, seats, created_at, updated_at, version)"
        " VALUES (:id, :name, :domain, 'active', 'enterprise', 'EU', 50, now(), now(), 1)",
        id=key, name=name, domain=f"{key.hex}.example",
    )  # fmt: skip
    return key


def contract(
    raw: Any, *, tenant_id: UUID | None = None, zone: str = "UTC", starts_on: str = "2026-01-01", **terms: Any
) -> UUID:
    """An active contract of 120,000.00 a year from `starts_on` on, whose first version has these terms."""
    key = uuid4()
    raw(
        "INSERT INTO contract (id, tenant_id, status, currency, time_zone, starts_on, account_executive, created_at,"
        " updated_at, version) VALUES (:id, :tenant, 'active', 'USD', :zone, :starts, '', now(), now(), 1)",
        id=key, tenant=tenant_id or tenant(raw), zone=zone, starts=date.fromisoformat(starts_on),
    )  # fmt: skip
    version(raw, key, 1, starts_on, **terms)
    return key


def version(raw: Any, contract_id: UUID, number: int, effective_on: str, **terms: Any) -> None:
    given: dict[str, Any] = {
        "annual_value": Decimal("120000.00"), "credit_tiers": TIERS, "credit_cap": Decimal(100),
        "uptime_target": Decimal("99.95"), "maintenance": "excluded", "maintenance_minutes": None, "ends_on": "2030-12-31",
    } | terms  # fmt: skip
    given["ends_on"] = given["renewal_on"] = date.fromisoformat(given["ends_on"])
    tenant_id = raw("SELECT tenant_id FROM contract WHERE id = :id", id=contract_id)[0].tenant_id
    _insert(
        raw, "contract_version", id=uuid4(), contract_id=contract_id, tenant_id=tenant_id, number=number, reason="",
        effective_on=date.fromisoformat(effective_on), term_months=60, notice_days=90, payment_terms="net_30",
        billing_cycle="monthly", support_level="enterprise", limits={}, created_by_name="Ada", created_at=datetime.now(UTC),
        **given,
    )  # fmt: skip


def monitor(contract_id: UUID, raw: Any, *outages: tuple[str, str]) -> UUID:
    """One of the contract's tenant, that was up but from when until when it was down."""
    key = uuid4()
    tenant_id = raw("SELECT tenant_id FROM contract WHERE id = :id", id=contract_id)[0].tenant_id
    raw("SELECT 1")
    with record(SYSTEM) as tx:
        tx.session.add(
            Monitor(id=key, name="API", kind="http", settings={}, target="https://api.example", tags=["public"])
        )
        tx.session.flush()
        tx.session.add(MonitorTenant(monitor_id=key, tenant_id=tenant_id))
        tx.session.add(MonitorChange(monitor_id=key, at=at("2020-01-01"), state="up", previous="unknown", cause=""))
        for since, until in outages:
            tx.session.add(MonitorChange(monitor_id=key, at=at(since), state="down", previous="up", cause="503"))
            tx.session.add(MonitorChange(monitor_id=key, at=at(until), state="up", previous="down", cause=""))
    return key


def gap(since: str, until: str) -> None:
    """A time in which no checker ran."""
    with record(SYSTEM) as tx:
        tx.session.add(CheckerGap(since=at(since), until=at(until), cause="stopped"))


def maintain(raw: Any, since: str, until: str) -> None:
    """A window that covers every monitor and does not count."""
    length = int((at(until) - at(since)).total_seconds())
    raw(
        "INSERT INTO maintenance_window (id, title, reason, starts_at, duration_s, zone, over_at, covers, tags, monitor_ids,"
        " policy, created_at, updated_at, version) VALUES (:id, 'Upgrade', '', :since, :length, 'UTC', :until, 'all', '{}',"
        " '{}', 'excluded', now(), now(), 1)",
        id=uuid4(), since=at(since), until=at(until), length=length,
    )  # fmt: skip


def exclude(raw: Any, contract_id: UUID, since: str, until: str) -> None:
    """Has a violation of those minutes excluded with approval."""
    violation_id = uuid4()
    tenant_id = raw("SELECT tenant_id FROM contract WHERE id = :id", id=contract_id)[0].tenant_id
    common = {"contract_id": contract_id, "tenant_id": tenant_id}
    _insert(
        raw, "sla_violation", id=violation_id, metric="uptime", target=99.95, impact="major", minutes=1, started_at=at(since),
        last_bad_at=at(until), ended_at=at(until), detected_at=at(until), **common,
    )  # fmt: skip
    _insert(
        raw, "sla_exclusion", id=uuid4(), violation_id=violation_id, starts_at=at(since), ends_at=at(until),
        reason="The probe failed", asked_by_name="Ada", decision="approved", decided_at=at(until), decided_by_name="Bob",
        decision_note="", created_at=at(until), updated_at=at(until), version=1, **common,
    )  # fmt: skip


def judge(month: str, *, zone: str = "UTC", cuts: tuple[str, ...] = (), months: int = 1) -> date:
    """Has every minute of the month (of so many months) of the zone judged; `cuts` are days on which terms change."""
    first = date.fromisoformat(f"{month}-01")
    ends = [
        date(first.year + (first.month - 1 + more) // 12, (first.month - 1 + more) % 12 + 1, 1)
        for more in range(months + 1)
    ]
    days = sorted({*ends, *(date.fromisoformat(cut) for cut in cuts)})
    edges = [datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) for day in days]
    with record(SYSTEM) as tx:
        tx.session.execute(judging.PLAN)
        for begin, end in pairwise(edges):
            judging.judge(tx, begin, end, maintaining.occurrences(tx, begin, end), judged=begin)
    return first


def judged_until(raw: Any, moment: datetime) -> None:
    raw("DELETE FROM sla_watermark")
    raw(
        "INSERT INTO sla_watermark (id, since, until, evaluated_at) VALUES (1, '2020-01-01', :until, now())",
        until=moment,
    )

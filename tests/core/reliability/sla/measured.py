"""Contracts that were measured, as rows of the engine's tables."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from core.kernel.times import utc_now

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def midnight(now: datetime | None = None) -> datetime:
    return (now or utc_now()).astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def contract(raw: Any, tenant_id: UUID, *, starts_on: datetime | None = None) -> UUID:
    """A contract that runs since 90 days, without terms."""
    key, since = uuid4(), starts_on or midnight() - 90 * DAY
    raw(
        "INSERT INTO contract (id, tenant_id, status, currency, time_zone, starts_on, account_executive, created_at,"
        " updated_at, version) VALUES (:id, :tenant, 'active', 'USD', 'UTC', :since, '', now(), now(), 1)",
        id=key, tenant=tenant_id, since=since.date(),
    )  # fmt: skip
    return key


def period(raw: Any, contract_id: UUID, tenant_id: UUID, grain: str, bucket: datetime, **values: Any) -> None:
    """A period of one day's minutes, all observed and good, with a target of 99.9 %, but for `values`."""
    given = {
        "observed_minutes": 1440, "bad_minutes": 0, "maintenance_minutes": 0, "excluded_minutes": 0, "unobserved_minutes": 0,
        "uptime": 100.0, "uptime_target": 99.9, "requests": 1000, "errors": 1, "error_rate": 0.1, "error_rate_target": 1.0,
        "latency_p50_ms": 20.0, "latency_p95_ms": 60.0, "latency_p99_ms": 90.0, "latency_p99_target": 100.0, "responses": 0,
        "responses_late": 0,
    } | values  # fmt: skip
    if "uptime" not in values:
        seen = given["observed_minutes"]
        given["uptime"] = 100 * (seen - given["bad_minutes"]) / seen if seen else None
    lengths = {"hour": DAY / 24, "day": DAY, "month": 30 * DAY, "quarter": 91 * DAY}
    given.setdefault("ends_at", bucket + lengths[grain])
    given |= {"contract_id": contract_id, "tenant_id": tenant_id, "grain": grain, "bucket": bucket}
    given |= {"computed_at": utc_now()}
    names = ", ".join(given)
    raw(f"INSERT INTO sla_period ({names}) VALUES ({', '.join(f':{name}' for name in given)})", **given)


def days(raw: Any, contract_id: UUID, tenant_id: UUID, bad: dict[int, int], *, count: int = 60, **values: Any) -> None:
    """So many days back from today, with `bad` minutes by how many days ago."""
    today = midnight()
    for back in range(count):
        period(raw, contract_id, tenant_id, "day", today - back * DAY, bad_minutes=bad.get(back, 0), **values)


def span(
    raw: Any, contract_id: UUID, tenant_id: UUID, since: datetime, until: datetime, state: str, cause: str = "{}"
) -> None:
    raw(
        "INSERT INTO sla_span (contract_id, starts_at, ends_at, tenant_id, state, cause)"
        " VALUES (:contract, :since, :until, :tenant, :state, CAST(:cause AS jsonb))",
        contract=contract_id, since=since, until=until, tenant=tenant_id, state=state, cause=cause,
    )  # fmt: skip


def violation(raw: Any, contract_id: UUID, tenant_id: UUID, started_at: datetime, **values: Any) -> UUID:
    """An outage of ten minutes that is over, but for `values`."""
    given = {
        "id": uuid4(), "contract_id": contract_id, "tenant_id": tenant_id, "metric": "uptime", "target": 99.9, "actual": 99.8,
        "impact": "major", "minutes": 10, "started_at": started_at, "last_bad_at": started_at + 9 * MINUTE,
        "ended_at": started_at + 10 * MINUTE, "detected_at": started_at + 3 * MINUTE,
    } | values  # fmt: skip
    names = ", ".join(given)
    raw(f"INSERT INTO sla_violation ({names}) VALUES ({', '.join(f':{name}' for name in given)})", **given)
    return given["id"]


def exclusion(raw: Any, violation_id: UUID, **values: Any) -> UUID:
    """One that waits, for the whole of the violation, but for `values`."""
    row = raw("SELECT contract_id, tenant_id, started_at, ended_at FROM sla_violation WHERE id = :id", id=violation_id)[
        0
    ]
    given = {
        "id": uuid4(), "violation_id": violation_id, "contract_id": row.contract_id, "tenant_id": row.tenant_id,
        "starts_at": row.started_at, "ends_at": row.ended_at or utc_now(), "reason": "A probe of ours failed",
        "asked_by_name": "Ada", "decision_note": "", "created_at": utc_now(), "updated_at": utc_now(), "version": 1,
    } | values  # fmt: skip
    names = ", ".join(given)
    raw(f"INSERT INTO sla_exclusion ({names}) VALUES ({', '.join(f':{name}' for name in given)})", **given)
    return given["id"]


def watermark(raw: Any, until: datetime | None = None) -> None:
    end = until or utc_now()
    raw(
        "INSERT INTO sla_watermark (id, since, until, evaluated_at) VALUES (1, :since, :until, now())",
        since=end - 60 * DAY, until=end,
    )  # fmt: skip

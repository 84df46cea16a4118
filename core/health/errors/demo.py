"""Demo errors: a dozen causes over 30 days. One rose with the bad half hour of billing, one came back after it was resolved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from core.access.operators.models import Operator
from core.health.errors.models import CAUSE_ROLLUP, ERROR_ROLLUP
from core.health.errors.recording import store
from core.health.errors.triage import ErrorTriage, id_of
from core.health.requests.demo import OUTAGE_AGO, OUTAGE_FOR
from core.health.requests.models import RequestRecord
from core.health.weather import HOUR, ROWS_FOR, busy, steps
from core.kernel import retention
from core.kernel.actor import Actor
from core.kernel.models import uuid7
from core.kernel.rollups import roll
from core.kernel.telemetry import record
from core.kernel.writes import Transaction

DAYS, RETURNED_AFTER = timedelta(days=29), timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Cause:
    """`rate` is errors a day; seen from `since` to `until` (both ago). `place` ends the trace; of `tenants`, the first few
    are hit."""

    mark: str
    service: str
    type: str
    message: str
    route: str
    place: str
    rate: float
    since: timedelta = DAYS
    until: timedelta = timedelta(0)
    tenants: int = 12
    outage: int = 0


CAUSES = (
    Cause("d1a0c3f28b714e50", "billing", "PaymentProviderTimeout", "No answer from the payment provider within {n} ms",
          "/v1/invoices", "billing/payments/charge.py:118 in charge", 14, tenants=24, outage=380),
    Cause("d2b97f0e6c1a4d83", "assessments", "ReportRenderError", "Font 'Inter-{n}' is not in the bundle",
          "/v1/results/{result_id}/report", "assessments/reports/render.py:64 in draw", 9, tenants=18),
    Cause("d3c45e8a90b2471f", "assessments", "OptimisticLockError", "Answer {n} was saved by another tab",
          "/v1/assessments/{assessment_id}/answers", "assessments/answers/save.py:41 in save", 22, tenants=30),
    Cause("d4e1128bd7c94aa6", "api-gateway", "InvalidTokenError", "Signature of token {n} does not match",
          "/v1/session", "gateway/auth/tokens.py:77 in verify", 31, tenants=30),
    Cause("d5f6a7790c3e4b12", "api-gateway", "UpstreamUnavailable", "assessments answered 503 after {n} ms",
          "/v1/people", "gateway/proxy/forward.py:203 in forward", 6, tenants=20),
    Cause("d6087bc1e5fd4389", "billing", "DecimalOverflow", "Amount {n}00000000 does not fit into numeric(18,4)",
          "/v1/usage", "billing/usage/sum.py:29 in add", 0.6, tenants=2),
    Cause("d71c9ab304f84e67", "billing", "CurrencyMismatch", "Invoice {n} mixes EUR and USD",
          "/v1/invoices", "billing/invoices/lines.py:88 in total", 3, until=timedelta(days=11), tenants=5),
    Cause("d82d5ef716a94c05", "assessments", "KeyError", "'locale'", "/v1/assessments/{assessment_id}",
          "assessments/forms/labels.py:17 in label", 11, since=timedelta(hours=30), tenants=9),
    Cause("d93e60187bc24ff1", "assessments", "TemplateSyntaxError", "Unknown tag 'cohort_{n}'",
          "/v1/results/{result_id}/report", "assessments/reports/templates.py:52 in compile", 2.5, tenants=4),
    Cause("da4f7129cd3540e8", "portal", "ValueError", "Out of range float values are not JSON compliant", "/health",
          "pages/health/overview.py:31 in traffic", 0.4, tenants=0),
    Cause("db508a3ade464fd9", "api-gateway", "JSONDecodeError", "Expecting value: line 1 column {n}",
          "/v1/people", "gateway/bodies/read.py:22 in read", 18, tenants=30),
    Cause("dc619b4bef5740ca", "billing", "DeadlockDetected", "Process {n} waits for ShareLock",
          "/v1/invoices", "billing/invoices/close.py:140 in close", 4, tenants=10),
)  # fmt: skip


def seed_triage(tx: Transaction, now: datetime, operators: dict[str, UUID]) -> None:
    """What people said of some of them: two are looked at, two resolved (one of them returned since), one is ignored."""
    about = {
        "d3c45e8a90b2471f": ("acknowledged", 3, "developer", "Merge of answers is planned for the next release."),
        "d2b97f0e6c1a4d83": ("acknowledged", 1, "support_admin", None),
        "dc619b4bef5740ca": ("resolved", RETURNED_AFTER.days, "developer", "Invoices are locked in the order of their ids."),
        "d71c9ab304f84e67": ("resolved", 10, "developer", "Lines of another currency are refused."),
        "db508a3ade464fd9": ("ignored", 20, None, "Scanners that send nonsense."),
    }  # fmt: skip
    for mark, (state, days, role, note) in about.items():
        at, person = now - timedelta(days=days), tx.get(Operator, operators[role]) if role in operators else None
        tx.add(ErrorTriage(
            id=id_of(mark), fingerprint=mark, state=state, note=note, assignee_id=person.id if person else None,
            assignee_name=person.name if person else None, resolved_at=at if state == "resolved" else None,
            changed_by_name="demo data", created_at=at, updated_at=at,
        ))  # fmt: skip


def seed(system: Actor, random: Random, now: datetime, tenants: list[UUID]) -> None:
    """Single errors of 30 days, which the rollup engine counts, and the requests of those of the last two hours."""
    rows = [row for cause in CAUSES for row in _errors(random, cause, tenants, now)]
    with record(system, timeout_ms=60_000) as tx:
        store(tx, rows)
        retention.make_ready(tx, "request_record", "day", now - ROWS_FOR - HOUR, now)
        tx.copy(
            RequestRecord, [_request(random, row) for row in rows if row["at"] > now - ROWS_FOR and row["tenant_id"]]
        )
    for rollup in (ERROR_ROLLUP, CAUSE_ROLLUP):
        roll(rollup)


def _errors(random: Random, cause: Cause, tenants: list[UUID], now: datetime) -> Iterator[dict[str, Any]]:
    begin = (now - cause.since).replace(minute=0, second=0, microsecond=0)
    for hour in steps(begin, now - cause.until, HOUR):
        mean = cause.rate / 24 * busy(hour) * 2.5
        for _ in range(int(mean) + (random.random() < mean % 1)):
            yield from _one(random, cause, tenants, hour + random.random() * HOUR, now)
    for _ in range(cause.outage):
        yield from _one(random, cause, tenants, now - OUTAGE_AGO + random.random() * OUTAGE_FOR, now)


def _one(random: Random, cause: Cause, tenants: list[UUID], at: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    message = cause.message.replace("{n}", str(random.randint(100, 990) // 30 * 30))
    hit = tenants[: cause.tenants]
    if at < now - cause.until:
        yield {
            "at": at, "service": cause.service, "tenant_id": random.choice(hit) if hit else None, "fingerprint": cause.mark,
            "type": cause.type, "message": message, "trace": _trace(cause, message), "route": cause.route,
            "request_id": f"demo-{random.getrandbits(64):016x}", "operator_id": None,
        }  # fmt: skip


def _trace(cause: Cause, message: str) -> str:
    file, _, rest = cause.place.partition(":")
    line, _, function = rest.partition(" in ")
    frames = (
        ("app/server.py", "58", "handle"),
        (f"{cause.service}/routes.py", "112", "dispatch"),
        (file, line, function),
    )
    told = "".join(f'  File "{name}", line {number}, in {within}\n' for name, number, within in frames)
    return f"Traceback (most recent call last):\n{told}{cause.type}: {message}\n"


def _request(random: Random, row: dict[str, Any]) -> dict[str, Any]:
    """The request that failed with the error."""
    took = round(random.lognormvariate(5, 0.6), 3)
    return {
        "at": row["at"] - timedelta(milliseconds=took * 0.8), "id": uuid7(), "service": row["service"],
        "channel": "product", "route": row["route"],
        "method": "POST", "status": 500, "duration_ms": took, "is_error": True,
        "tenant_id": row["tenant_id"], "request_id": row["request_id"], "operator_id": None, "key_id": None,
    }  # fmt: skip

"""Everything that is known of one correlation id: requests, errors, audit entries and jobs, on one line of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import DateTime, Float, Text, Uuid, case, cast, false, func, literal, select
from sqlalchemy.types import TypeEngine

from core.customers.tenants.models import Tenant
from core.health.errors.models import ErrorRecord
from core.health.requests.models import RequestRecord
from core.kernel.actor import Actor
from core.kernel.audit import AuditEntry
from core.kernel.errors import Invalid
from core.kernel.permissions import require
from core.kernel.reads import AnySelect, Reading, read
from core.kernel.times import utc_now
from core.platform.queue.models import JobRun

KINDS = {"request": "health:read", "error": "errors:read", "audit": "audit:read", "job": "jobs:read"}
MOST = 200  # of each kind: a caller chooses the ids of his requests, and may use one for many
BEFORE, AFTER = timedelta(hours=1), timedelta(days=1)
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Trace:
    """`rows`: at (UTC, the beginning), kind (request, error, audit, job), title, detail, outcome (ok, failed, denied),
    service, tenant_id, tenant, duration_ms, key (fingerprint of an error, id of an entry or job), oldest first.

    `hidden` are the kinds that the actor may not see. Audit entries and jobs were looked for between `since` and `until`.
    """

    request_id: str
    rows: pd.DataFrame
    hidden: tuple[str, ...]
    since: datetime
    until: datetime


def timeline(actor: Actor, request_id: str, *, now: datetime | None = None) -> Trace:
    """What the actor may see of the id; no rows when nothing is known of it. Raises Denied without health:read, Invalid."""
    require(actor, "health:read")
    wanted = request_id.strip()
    if not wanted or len(wanted) > LONGEST or "\0" in wanted:
        raise Invalid(f"A request id has 1 to {LONGEST} characters.", {"request_id": "Not a request id."})
    present = now or utc_now()
    with read(actor) as rx:
        frames = [_frame(rx, actor, "request", _requests(wanted)), _frame(rx, actor, "error", _errors(wanted))]
        since, until = _around(frames, present)
        frames.append(_frame(rx, actor, "audit", _entries(wanted, since, until)))
        frames.append(_frame(rx, actor, "job", _jobs(wanted, since, until)))
    rows = pd.concat([frame for frame in frames if not frame.empty] or frames[:1], ignore_index=True)
    hidden = tuple(kind for kind, permission in KINDS.items() if not actor.may(permission))
    return Trace(wanted, rows.sort_values("at", kind="stable", ignore_index=True), hidden, since, until)


def _frame(rx: Reading, actor: Actor, kind: str, statement: AnySelect) -> pd.DataFrame:
    return rx.frame(statement.limit(MOST if actor.may(KINDS[kind]) else 0))


def _around(frames: list[pd.DataFrame], now: datetime) -> tuple[datetime, datetime]:
    """When audit entries and jobs of the id can be: these are not found by it, and not looked for in all of time."""
    known = pd.concat([frame["at"] for frame in frames])
    if known.empty:
        return now - AFTER, now + BEFORE
    return known.min().to_pydatetime() - BEFORE, known.max().to_pydatetime() + AFTER


_TYPES: dict[str, TypeEngine[Any]] = {
    "at": DateTime(timezone=True), "title": Text(), "detail": Text(), "outcome": Text(), "service": Text(),
    "tenant_id": Uuid(), "duration_ms": Float(), "key": Text(),
}  # fmt: skip


def _columns(kind: str, **given: Any) -> list[Any]:
    """The columns of a row, each of the same type in every kind; one that is not given is NULL."""
    named = [cast(given.get(name), of).label(name) for name, of in _TYPES.items()]
    return [*named, literal(kind, Text()).label("kind"), Tenant.name.label("tenant")]


def _requests(request_id: str) -> AnySelect:
    record = RequestRecord
    outcome = case((record.is_error, "failed"), (record.status.in_([401, 403]), "denied"), else_="ok")
    columns = _columns(
        "request", at=record.at, title=func.concat(record.method, " ", record.route), key=record.id, outcome=outcome,
        detail=func.concat("Status ", record.status), service=record.service, tenant_id=record.tenant_id,
        duration_ms=record.duration_ms,
    )  # fmt: skip
    found = select(*columns).outerjoin(Tenant, Tenant.id == record.tenant_id)
    return found.where(record.request_id == request_id).order_by(record.at)


def _errors(request_id: str) -> AnySelect:
    record = ErrorRecord
    columns = _columns(
        "error", at=record.at, title=record.type, detail=record.message, outcome="failed", service=record.service,
        tenant_id=record.tenant_id, key=record.fingerprint,
    )  # fmt: skip
    found = select(*columns).outerjoin(Tenant, Tenant.id == record.tenant_id)
    return found.where(record.request_id == request_id).order_by(record.at)


def _entries(request_id: str, since: datetime, until: datetime) -> AnySelect:
    entry = AuditEntry
    columns = _columns(
        "audit", at=entry.occurred_at, title=entry.action, detail=func.concat_ws(" · ", entry.actor_name, entry.reason),
        outcome=case((entry.outcome == "done", "ok"), else_="denied"), service="portal", tenant_id=entry.tenant_id,
        key=entry.id,
    )  # fmt: skip
    found = select(*columns).outerjoin(Tenant, Tenant.id == entry.tenant_id)
    within = entry.occurred_at.between(since, until)
    return found.where(entry.request_id == request_id, within).order_by(entry.occurred_at)


def _jobs(request_id: str, since: datetime, until: datetime) -> AnySelect:
    run = JobRun
    told = func.concat_ws(" · ", func.concat("Attempt ", run.attempt, ", ", run.outcome), run.error)
    columns = _columns(
        "job", at=run.started_at, title=run.task, detail=told, service="portal", key=run.job_id,
        outcome=case((run.outcome == "succeeded", "ok"), else_="failed"),
        duration_ms=func.extract("epoch", run.finished_at - run.started_at) * 1_000,
    )  # fmt: skip
    found = select(*columns).outerjoin(Tenant, false())
    return found.where(run.request_id == request_id, run.finished_at.between(since, until)).order_by(run.started_at)

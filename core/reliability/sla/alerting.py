"""Each violation is told once to who looks after the customer; channels and inbox hear of it by the alert rules."""

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from core.access.operators.models import Operator
from core.customers.contracts.models import Contract
from core.customers.tenants.models import Tenant
from core.kernel import db, mail
from core.kernel.actor import Actor
from core.kernel.reads import read
from core.kernel.settings import settings
from core.kernel.tasks import enqueue_on
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.reliability.sla.models import SlaViolation

SEND = "sla.mail_csm"
LATE = timedelta(days=1)  # what nobody could be told of for so long is not news any more
MOST = 1_000
_WORDS = {
    "uptime": "Uptime", "latency_p99": "Latency P99", "error_rate": "Error rate", "support_response": "Support response",
}  # fmt: skip
_UNITS = {"uptime": "%", "latency_p99": "ms", "error_rate": "%", "support_response": "min"}


def tell(actor: Actor) -> int:
    """Queues a mail to each CSM about what nobody was told of yet; marked in the same transaction. Returns how many mails."""
    now, violation = utc_now(), SlaViolation
    untold = select(violation.id).where(violation.told_at.is_(None), violation.detected_at > now - LATE)
    with read(actor) as rx:
        if rx.value(untold.limit(1)) is None:
            return 0
    some = untold.order_by(violation.detected_at).limit(MOST).with_for_update(skip_locked=True).cte("some")
    marked = update(violation).where(violation.id.in_(select(some.c.id))).values(told_at=now)
    with record(actor) as tx:
        told = tx.execute(marked.returning(violation.id, violation.contract_id)).all()
        mails = _by_csm(tx.session, told)
        for csm_id, ids in mails.items():
            arguments = {"csm_id": str(csm_id), "violation_ids": [str(one) for one in ids]}
            enqueue_on(db.driver(tx.session), SEND, request_id=actor.request_id, arguments=arguments)
    return len(mails)


def _by_csm(session: Any, told: Sequence[Any]) -> dict[UUID, list[UUID]]:
    """An account out of service gets no mail, and a contract without a CSM tells nobody."""
    who = select(Contract.id, Contract.csm_id).join(Operator, Operator.id == Contract.csm_id)
    wanted = who.where(Contract.id.in_({row.contract_id for row in told}), Operator.disabled_at.is_(None))
    csm_of = {row.id: row.csm_id for row in session.execute(wanted)}
    mails: dict[UUID, list[UUID]] = {}
    for row in told:
        if row.contract_id in csm_of:
            mails.setdefault(csm_of[row.contract_id], []).append(row.id)
    return mails


def send(actor: Actor, csm_id: UUID, violation_ids: Sequence[UUID]) -> None:
    """One mail about these violations. Raises Unavailable, so that the job is tried again, when the server does not take it."""
    if settings().smtp_url is None:
        return
    columns = (
        Tenant.name, SlaViolation.id, SlaViolation.metric, SlaViolation.target, SlaViolation.actual, SlaViolation.impact,
        SlaViolation.contract_id, SlaViolation.started_at,
    )  # fmt: skip
    found = select(*columns).join(Tenant, Tenant.id == SlaViolation.tenant_id).where(SlaViolation.id.in_(violation_ids))
    with read(actor) as rx:
        rows = rx.rows(found.order_by(Tenant.name, SlaViolation.started_at))
        address = rx.value(select(Operator.email).where(Operator.id == csm_id, Operator.disabled_at.is_(None)))
    if rows and address:
        subject, body = words(rows)
        mail.send([address], subject, body, message_id=f"{rows[0].id}.{csm_id}@quarterdeck")


def words(rows: Sequence[Any]) -> tuple[str, str]:
    """Subject and body; a row has name, metric, target, actual, impact, contract_id and started_at."""
    first = rows[0]
    one = f"SLA violation: {first.name}, {_WORDS[first.metric].lower()}"
    subject = one if len(rows) == 1 else f"{len(rows):,} SLA violations"
    return subject, "\n".join(_line(row) for row in rows)


def _line(row: Any) -> str:
    unit = _UNITS[row.metric]
    actual = "" if row.actual is None else f", {row.actual:,.6g} {unit} so far"
    told = f"{row.name}: {_WORDS[row.metric].lower()} ({row.impact}) since {row.started_at.astimezone(UTC):%d %b %Y %H:%M} UTC"
    return f"{told}\n  Target {row.target:,.6g} {unit}{actual}\n  {_link(row.contract_id)}\n"


def _link(contract_id: UUID) -> str:
    base = settings().public_url
    place = f"sla-customer?contract={contract_id}"
    return f"{base.rstrip('/')}/{place}" if base else "Look in Quarterdeck, Reliability, SLA."

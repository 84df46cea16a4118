"""The mails that tell operators of levels and escalations, sent by a job of their own."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update

from core.access.operators.models import Operator
from core.customers.tenants.models import Tenant
from core.kernel import mail
from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.reads import read
from core.kernel.settings import settings
from core.kernel.tasks import task
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.support.breaches import words
from core.support.breaches.models import TicketDigest
from core.support.breaches.telling import SEND
from core.support.tickets.models import Ticket

AT_ONCE = 50
LEASE = timedelta(minutes=5)  # of a sender that died: longer than any mail takes
GIVEN_UP_AFTER = timedelta(hours=6)  # a warning as old as that helps nobody


@task(SEND, retry=5)
def send_digests(actor: Actor) -> None:
    """Sends what is queued. Raises Unavailable, so that the job is tried again, when the mail server does not take it."""
    while claimed := _claim(actor):
        _send(actor, claimed)


def _claim(actor: Actor) -> list[Any]:
    """Some of those that wait, held until the lease is over: two senders never take the same one."""
    digest, now = TicketDigest, utc_now()
    free = or_(digest.claimed_at.is_(None), digest.claimed_at < now - LEASE)
    waiting = (
        select(digest.id).where(digest.outcome == "queued", free).order_by(digest.at, digest.id).limit(AT_ONCE)
        .with_for_update(skip_locked=True).cte("waiting")
    )  # fmt: skip
    columns = (digest.id, digest.operator_id, digest.kind, digest.levels, digest.items, digest.note, digest.at)
    with record(actor) as tx:
        taken = update(digest).where(digest.id.in_(select(waiting.c.id))).values(claimed_at=now).returning(*columns)
        return list(tx.execute(taken).all())


def _send(actor: Actor, digests: Sequence[Any]) -> None:
    if settings().smtp_url is None:
        return _finish(actor, [one.id for one in digests], "no mail server")
    addresses, tickets = _addresses(actor, digests), _tickets(actor, digests)
    for place, one in enumerate(digests):
        subject, body = words.mail_of(one, tickets)
        try:
            mail.send([addresses[one.operator_id]], subject, body, message_id=f"{one.id}@quarterdeck")
        except Unavailable as error:
            _put_back(actor, digests[place:], str(error))
            raise
        _finish(actor, [one.id], "sent")
    return None


def _finish(actor: Actor, ids: Sequence[UUID], outcome: str, error: str | None = None) -> None:
    done = update(TicketDigest).where(TicketDigest.id.in_(ids))
    with record(actor) as tx:
        tx.execute(done.values(outcome=outcome, error=error, finished_at=utc_now()))


def _put_back(actor: Actor, digests: Sequence[Any], error: str) -> None:
    """For the next attempt; what is too old by now is given up."""
    before = utc_now() - GIVEN_UP_AFTER
    old = [one.id for one in digests if one.at < before]
    if old:
        _finish(actor, old, "failed", error)
    waiting = update(TicketDigest).where(TicketDigest.id.in_([one.id for one in digests if one.at >= before]))
    with record(actor) as tx:
        tx.execute(waiting.values(claimed_at=None, error=error))


def _addresses(actor: Actor, digests: Sequence[Any]) -> dict[UUID, str]:
    wanted = select(Operator.id, Operator.email).where(Operator.id.in_({one.operator_id for one in digests}))
    with read(actor) as rx:
        return {row.id: row.email for row in rx.rows(wanted)}


def _tickets(actor: Actor, digests: Sequence[Any]) -> Mapping[str, Any]:
    """Number, subject, priority and tenant of every ticket that is named, by its id as text."""
    named = {UUID(str(item["ticket_id"])) for one in digests for item in one.items}
    columns = (Ticket.id, Ticket.number, Ticket.subject, Ticket.priority, Tenant.name.label("tenant"))
    wanted = select(*columns).outerjoin(Tenant, Tenant.id == Ticket.tenant_id).where(Ticket.id.in_(named))
    with read(actor) as rx:
        return {str(row.id): row for row in rx.rows(wanted)}

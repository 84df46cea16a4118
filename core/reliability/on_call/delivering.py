"""Mails and messages of pages, each by one sender at a time; what became of each is stored as soon as it is known.

At least once: one whose sender died before it stored the outcome is sent again when its lease is over.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from core.health.channels.models import AlertChannel
from core.health.channels.sending import send
from core.kernel import mail
from core.kernel.actor import Actor
from core.kernel.errors import Unavailable
from core.kernel.reads import read
from core.kernel.settings import settings
from core.kernel.telemetry import record
from core.kernel.times import utc_now
from core.reliability.incidents.models import Incident
from core.reliability.on_call import people, words
from core.reliability.on_call.models import EscalationPolicy, Page, PageDelivery

AT_ONCE, AT_WORK = 50, 8
LEASE = timedelta(minutes=2)
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (20, 60, 120, 300))  # between attempts; then it has failed
Outcome = tuple[str, str | None]  # outcome, error


def deliver(actor: Actor, *, now: datetime | None = None) -> int:
    """Sends what is due; returns how many were sent. Raises Unavailable when the database does not answer."""
    sent = 0
    while claimed := _claim(actor, now or utc_now()):
        sent += _send_all(actor, claimed)
    return sent


def _claim(actor: Actor, now: datetime) -> list[UUID]:
    row = PageDelivery
    waiting = (
        select(row.id).where(row.outcome == "queued", row.due_at <= now).order_by(row.due_at, row.id).limit(AT_ONCE)
        .with_for_update(skip_locked=True).cte("waiting")
    )  # fmt: skip
    taken = update(row).where(row.id.in_(select(waiting.c.id))).values(due_at=now + LEASE, attempts=row.attempts + 1)
    with record(actor) as tx:
        return [one.id for one in tx.execute(taken.returning(row.id)).all()]


def _send_all(actor: Actor, ids: Sequence[UUID]) -> int:
    told = _told(actor, ids)
    accounts = people.known(row.operator_id for row in told)
    channels = _channels(actor, {row.channel_id for row in told if row.channel_id})
    with ThreadPoolExecutor(AT_WORK, "pages") as pool:
        outcomes = list(pool.map(lambda row: _send(row, accounts, channels), told))
    for row, outcome in zip(told, outcomes, strict=True):
        _store(actor, row, *outcome)
    return sum(outcome == "sent" for outcome, _ in outcomes)


def _told(actor: Actor, ids: Sequence[UUID]) -> list[Any]:
    row = PageDelivery
    columns = (
        row.id, row.page_id, row.operator_id, row.channel_id, row.step, row.round, row.attempts, row.token_digest,
        Page.status, Page.incident_id, EscalationPolicy.name.label("policy"), Incident.number, Incident.title,
        Incident.description, Incident.severity, Incident.services, Incident.started_at,
        Incident.status.label("incident_status"),
    )  # fmt: skip
    wanted = (
        select(*columns).join(Page, Page.id == row.page_id).join(Incident, Incident.id == Page.incident_id)
        .join(EscalationPolicy, EscalationPolicy.id == Page.policy_id).where(row.id.in_(ids)).order_by(row.at, row.id)
    )  # fmt: skip
    with record(actor) as tx:  # the primary: a replica may not know yet that somebody has acknowledged
        return list(tx.execute(wanted).all())


def _channels(actor: Actor, ids: set[UUID]) -> dict[UUID, str]:
    """Channel -> its URL, of those that are enabled."""
    wanted = select(AlertChannel.id, AlertChannel.url).where(AlertChannel.id.in_(ids), AlertChannel.is_enabled)
    with read(actor) as rx:
        return {row.id: row.url for row in rx.rows(wanted)} if ids else {}


def _send(told: Any, accounts: dict[UUID, people.Person], channels: dict[UUID, str]) -> Outcome:
    if told.status != "open":
        return "not needed", "Somebody had acknowledged the page, or the incident was over."
    if told.operator_id is not None:
        return _send_mail(told, accounts[told.operator_id])
    if told.channel_id not in channels:
        return "failed", "The channel is disabled or was removed."
    sent = send(channels[told.channel_id], words.message(told, name=None, now=utc_now()))
    return ("sent", None) if sent.is_success else ("queued", sent.error)


def _send_mail(told: Any, person: people.Person) -> Outcome:
    if settings().smtp_url is None:
        return "no mail server", "No mail server is configured. Set SMTP_URL."
    message = words.message(told, name=person.name, now=utc_now())
    try:
        mail.send([person.email], message.subject, message.body, message_id=f"{message.id}@quarterdeck")
    except Unavailable as error:
        return "queued", str(error)
    return "sent", None


def _store(actor: Actor, told: Any, outcome: str, error: str | None) -> None:
    """`queued` is what could not be sent: it is tried again, until it has failed."""
    now = utc_now()
    values: dict[str, Any] = {"outcome": outcome, "error": error, "finished_at": now, "due_at": None}
    if outcome == "queued" and told.attempts <= len(PAUSES):
        values |= {"finished_at": None, "due_at": now + PAUSES[told.attempts - 1]}
    elif outcome == "queued":
        values["outcome"] = "failed"
    with record(actor) as tx:
        tx.execute(update(PageDelivery).where(PageDelivery.id == told.id).values(**values))
